"""Goals and training on a phone by the keyboard alone: filled in, refused, mended, sent."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.device import PHONE, Activity, Open
from tests.journeys.browser.test_keyboard import enter_frame, focused, tab_to
from tests.journeys.learner import Learner
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

WHAT = "Observe a newborn, and write down what I saw."
EVIDENCE = "My log of four visits."
BY_WHEN, TAKEN = "04042090", "03032026"  # the same whichever of day and month comes first


def type_into(activity: Activity, field: str, text: str) -> None:
    tab_to(activity, {"id": field})
    activity.page.keyboard.type(text)


def press(activity: Activity, words: str, *, key: str = "Enter") -> None:
    tab_to(activity, {"words": words})
    activity.page.keyboard.press(key)


def fits(activity: Activity) -> bool:
    return bool(activity.tool.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_goal_and_training_are_noted_on_a_phone_by_the_keyboard_alone(
    site: Site, device: Open
) -> None:
    Learner(site, "amina").open().rate_all(["1.01", "1.02"], "working-towards")
    amina = device("amina", size=PHONE)
    amina.foresee("status of 400")
    activity = amina.open_activity()
    activity.open("summary")
    assert fits(activity)
    enter_frame(activity)
    press(activity, r"Make this a goal \(1.02\)")
    activity.heading("New goal")
    make_goal(activity)
    press(activity, "Training record")
    activity.heading("Your training record")
    press(activity, "Add your first training")
    activity.heading("Add training")
    note_training(activity)


def make_goal(activity: Activity) -> None:
    tool, keyboard = activity.tool, activity.page.keyboard
    enter_frame(activity)
    tab_to(activity, {"id": "what"})
    keyboard.press("ControlOrMeta+A")
    keyboard.type(WHAT)
    type_into(activity, "evidence", EVIDENCE)
    press(activity, "Save")
    expect(tool.locator("#problems")).to_be_focused()
    assert fits(activity)
    press(activity, "By when.")
    assert focused(activity)["id"] == "by_when"
    expect(tool.locator("#by_when")).to_have_attribute("aria-invalid", "true")
    expect(tool.locator("#what")).to_have_value(WHAT)
    expect(tool.locator("#evidence")).to_have_value(EVIDENCE)
    keyboard.type(BY_WHEN)
    press(activity, "Save")
    expect(tool.get_by_role("status")).to_contain_text("Your goal is saved.")
    expect(tool.locator(".goal-item")).to_contain_text("By 4 April 2090")
    enter_frame(activity)


def note_training(activity: Activity) -> None:
    tool, keyboard = activity.tool, activity.page.keyboard
    enter_frame(activity)
    type_into(activity, "title", "PIIOS")
    type_into(activity, "begun_on", TAKEN)
    type_into(activity, "hours", "many")
    type_into(activity, "reflection", "I look longer before I speak.")
    press(activity, "Which competencies did it serve.")
    press(activity, "Domain 1: .*")
    tab_to(activity, {"name": "ties", "value": "self-assessment-1/1.02"})
    keyboard.press("Space")
    press(activity, "Save")
    expect(tool.locator("#problems")).to_be_focused()
    press(activity, "How many hours.")
    assert focused(activity)["id"] == "hours"
    for field, kept in (
        ("title", "PIIOS"),
        ("begun_on", "2026-03-03"),
        ("hours", "many"),
        ("reflection", "I look longer before I speak."),
    ):
        expect(tool.locator(f"#{field}")).to_have_value(kept)
    expect(tool.locator('[value="self-assessment-1/1.02"]')).to_be_checked()
    keyboard.press("ControlOrMeta+A")
    keyboard.type("1.5")
    press(activity, "Save")
    expect(tool.get_by_role("status").first).to_contain_text("“PIIOS” is in your record.")
    expect(tool.locator(".goal-item")).to_contain_text("1.02")
    assert fits(activity)
