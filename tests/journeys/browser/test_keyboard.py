"""By the keyboard alone, from the LMS's page into the frame: answer, write, go on, use the menu."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.device import Activity, Competency, Open

pytestmark = pytest.mark.browser

NOTE = "Two visits, and what I learnt."
FARTHEST = 60  # presses of Tab from anywhere on a page to anything else on it

# What has the focus in a frame: by what a test knows it, and whether a person could see it.
FOCUSED = """() => {
    const it = document.activeElement;
    const shown = it.matches("input[type=radio], input[type=checkbox]") ? it.closest("label") : it;
    const box = shown.getBoundingClientRect();
    const style = getComputedStyle(it);
    const within = getComputedStyle(shown);
    const x = Math.min(box.left + box.width / 2, innerWidth - 1);
    const top = document.elementFromPoint(x, box.top + Math.min(box.height / 2, 20));
    return {
        tag: it.tagName,
        id: it.id,
        name: it.name ?? "",
        value: it.value ?? "",
        words: it.textContent.trim().replace(/\\s+/g, " "),
        // The parts of a date field have the focus one by one, and show it themselves.
        isOutlined: [style, within].some((s) => s.outlineStyle !== "none" && s.outlineWidth !== "0px")
            || style.boxShadow !== "none" || it.type === "date",
        isOnTop: top !== null && (shown.contains(top) || top.contains(shown)),
    };
}"""


def focused(activity: Activity) -> dict[str, Any]:
    found: dict[str, Any] = activity.tool.evaluate(FOCUSED)
    return found


def tab_to(activity: Activity, wanted: dict[str, str], *, key: str = "Tab") -> list[str]:
    """Presses Tab until the focus is there; returns what it passed. All of it must be visible."""
    passed = []
    for _press in range(FARTHEST):
        activity.page.keyboard.press(key)
        now = focused(activity)
        passed.append(now["words"] or f"{now['tag']} {now['name']}={now['value']}")
        if now["tag"] == "BODY":  # the focus is in the LMS's page
            continue
        assert now["isOutlined"], f"no focus to be seen on {passed[-1]}"
        assert now["isOnTop"], f"something covers the focus on {passed[-1]}"
        if all(re.fullmatch(pattern, now[part]) for part, pattern in wanted.items()):
            return passed
    raise AssertionError(f"{wanted} cannot be reached: {passed}")


def enter_frame(activity: Activity) -> None:
    """Goes from the LMS's last link before the frame into the tool's page, to its skip link."""
    activity.page.get_by_role("link", name="Open in a new window").focus()
    tab_to(activity, {"words": "Skip to the page"})


def test_a_domain_is_answered_by_the_keyboard_alone(device: Open) -> None:
    activity = device("amina").open_activity()
    keyboard = activity.page.keyboard
    enter_frame(activity)
    keyboard.press("Enter")
    assert focused(activity)["id"] == "main"
    tab_to(activity, {"words": "Begin with domain 1"})
    keyboard.press("Enter")
    activity.heading("Relationship-based practice")
    answer = Competency(activity.tool, "1.01")
    tab_to(activity, {"name": "state-1.01", "value": "not-started"})
    keyboard.press("ArrowRight")
    expect(answer.radio("Working towards")).to_be_checked()
    keyboard.press("ArrowDown")
    expect(answer.radio("Achieved")).to_be_checked()
    answer.is_saved()
    tab_to(activity, {"id": re.escape("note-1.01")})
    keyboard.type(NOTE)
    tab_to(activity, {"name": "state-1.02"})
    answer.is_saved()
    tab_to(activity, {"id": re.escape("note-1.01")}, key="Shift+Tab")
    tab_to(activity, {"words": "Save and go on .*"})
    keyboard.press("Enter")
    activity.heading("Normal and atypical development")
    tab_to(activity, {"words": "Domain 1: .*"})
    keyboard.press("Enter")
    Competency(activity.tool, "1.01").shows("Achieved", NOTE)


def test_the_menu_opens_and_closes_by_the_keyboard(device: Open) -> None:
    activity = device("amina").open_activity()
    keyboard = activity.page.keyboard
    menu = activity.tool.locator("[data-menu]")
    enter_frame(activity)
    tab_to(activity, {"words": "Menu: .*"})
    keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Summary")).to_be_visible()
    tab_to(activity, {"words": "Summary"})
    keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Summary")).to_be_hidden()
    assert focused(activity)["words"].startswith("Menu:")
    keyboard.press("Enter")
    tab_to(activity, {"words": "Your history"})
    keyboard.press("Enter")
    activity.heading("Your history")


def test_a_conflict_is_settled_by_the_keyboard(device: Open) -> None:
    laptop, phone = device("amina"), device("amina")
    phone.foresee("status of 409")
    activity = phone.open_activity()
    there = Competency(activity.open_domain(1), "1.01")
    here = Competency(laptop.open_activity().open_domain(1), "1.01")
    here.choose("Achieved")
    here.is_saved()
    there.write(NOTE)
    tab_to(activity, {"words": "Take the other"}, key="Shift+Tab")
    tab_to(activity, {"words": "Keep mine"}, key="Shift+Tab")
    activity.page.keyboard.press("Enter")
    there.is_saved()
    there.shows("Not started", NOTE)
    assert focused(activity)["name"] == "state-1.01"


def test_the_tutors_pages_are_used_by_the_keyboard_alone(device: Open) -> None:
    device("amina").open_activity()
    activity = device("morag").open_activity()
    keyboard = activity.page.keyboard
    enter_frame(activity)
    tab_to(activity, {"words": "Progress.*"})
    keyboard.press("Enter")
    expect(activity.tool.locator("th[aria-sort]")).to_contain_text("Progress")
    tab_to(activity, {"words": "Amina O'Brien-Żółć"})
    keyboard.press("Enter")
    activity.heading("Amina")
    tab_to(activity, {"words": "Answers and notes"})
    tab_to(activity, {"words": "Level 1 self-assessment"}, key="Shift+Tab")
    keyboard.press("Enter")
    activity.heading("Level 1 self-assessment")
    tab_to(activity, {"words": "Change the set-up"})
    keyboard.press("Enter")
    activity.heading("Set up this activity")
    tab_to(activity, {"name": "domains", "value": "self-assessment-1:7"})
    keyboard.press("Space")
    expect(activity.tool.locator('[value="self-assessment-1:7"]')).not_to_be_checked()
    tab_to(activity, {"name": "grade_rule", "value": "completion"})
    keyboard.press("ArrowDown")
    tab_to(activity, {"words": "Save the set-up"})
    keyboard.press("Enter")
    expect(activity.tool.get_by_role("status")).to_contain_text("The set-up is saved.")
