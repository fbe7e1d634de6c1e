"""The picker in a real frame: by keyboard on a phone, and every page of it looked at."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser.device import PHONE, Activity, Competency, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_keyboard import focused, tab_to
from tests.journeys.lms import IMH101

pytestmark = pytest.mark.browser

TITLE = "Only domain 2: Żółć & Llŷr"


def picker(page: Page) -> Activity:
    """The tool's picker in the LMS's page."""
    activity = Activity(page)
    activity.heading("Choose activities")
    return activity


def test_two_activities_are_picked_by_keyboard_on_a_phone(device: Open) -> None:
    page = device("morag", size=PHONE).open_course()
    keyboard = page.keyboard
    page.get_by_role("link", name="Add activities").focus()
    keyboard.press("Enter")
    activity = picker(page)
    page.locator("main").focus()
    tab_to(activity, {"words": "IMHCF self-assessment, Level 1.*"})
    keyboard.press("Enter")
    activity.heading("IMHCF self-assessment, Level 1")
    tab_to(activity, {"words": "Keep it and choose another"})
    keyboard.press("Enter")
    activity.heading("Choose activities")
    expect(activity.tool.get_by_role("heading", name="1 activity to add")).to_be_visible()

    tab_to(activity, {"words": "IMHCF self-assessment, Level 1.*"})
    keyboard.press("Enter")
    activity.heading("IMHCF self-assessment, Level 1")
    tab_to(activity, {"name": "title"})
    keyboard.press("Control+a")
    keyboard.type(TITLE)
    for number in range(1, 8):
        tab_to(activity, {"name": "domains", "value": str(number)})
        if number != 2:
            keyboard.press("Space")
    tab_to(activity, {"name": "grade_rule", "value": "completion"})
    keyboard.press("ArrowDown")
    assert focused(activity)["value"] == "achieved"
    tab_to(activity, {"words": "Add this and 1 more to your course"})
    keyboard.press("Enter")
    expect(activity.tool.locator("h1")).to_have_text("2 activities were added")

    learner = device("amina", size=PHONE)
    course = learner.open_course(IMH101)
    course.get_by_role("link", name=f"Open {TITLE}", exact=True).click()
    work = Activity(course)
    work.heading(TITLE)
    assert work.tool.locator(".domain-row").count() == 1
    Competency(work.open_domain(2), "2.01").choose("Achieved")
    Competency(work.tool, "2.01").is_saved()


def test_the_pickers_pages(device: Open) -> None:
    person = device("morag")
    person.foresee("status of 400")
    page = person.open_course()
    page.get_by_role("link", name="Add activities").click()
    activity = picker(page)
    tool = activity.tool
    with Inspection() as inspection:
        inspection.look("picker, empty", tool)
        tool.get_by_role("link", name=re.compile("self-assessment, Level 2")).click()
        activity.heading("Level 2")
        inspection.look("activity", tool)
        tool.get_by_label("Title in your course").fill(" ")
        tool.get_by_role("textbox", name="Full points").fill("many")
        tool.get_by_role("button", name="Keep it and choose another").click()
        expect(tool.get_by_role("heading", name="Not added yet")).to_be_visible()
        inspection.look("activity, refused", tool)
        tool.get_by_label("Title in your course").fill("W" * 60)
        tool.get_by_role("textbox", name="Full points").fill("20")
        tool.get_by_label("Due").fill("2099-12-03T17:00")
        tool.get_by_role("button", name="Keep it and choose another").click()
        activity.heading("Choose activities")
        for _ in range(2):
            tool.locator(".offered-row").first.click()
            tool.get_by_role("button", name="Keep it and choose another").click()
            activity.heading("Choose activities")
        inspection.look("picker, three on the list", tool)
        expect(tool.locator(".chosen-name")).to_have_count(3)
        tool.get_by_role("button", name="Cancel and go back").click()
        expect(tool.locator("h1")).to_have_text("Nothing was added")


def test_without_scripts_each_step_has_its_button(device: Open) -> None:
    person = device("morag", java_script_enabled=False)
    person.foresee("status of 404")  # the LMS's own waiting page has no icon
    page = person.context.new_page()
    page.goto(f"{person.site.lms.url}/courses/{IMH101}/add/launch")
    for _form in ("login", "launch"):
        page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Choose activities")
    page.get_by_role("link", name=re.compile("self-assessment grid, Level 3")).click()
    page.get_by_role("button", name="Add to your course").click()
    page.get_by_role("button", name="Go on to your course").click()
    expect(page.locator("h1")).to_have_text("1 activity was added")
