"""Without scripts, and where no cookie sticks in the frame: the way is longer, nothing is missing."""

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.journeys.browser.device import FRAME, Activity, Competency, Device, Open
from tests.journeys.servers import IMH101, Site

pytestmark = pytest.mark.browser

NOTE = "We watched the video together."
TOO_LONG = "a sentence of mine " * 1_100


def launch_without_scripts(learner: Device) -> Activity:
    """Opens the activity: the LMS's two forms, which scripts would send, have a button each."""
    page = learner.open_course()
    page.get_by_role("link", name="Open Level 1 self-assessment", exact=True).click()
    frame = page.frame_locator(FRAME)
    for step in ("login", "launch"):
        form = frame.locator(f'form[action$="/lti/{step}"]')
        form.get_by_role("button", name="Go on").click()
    return Activity(page)


def save(tool: Frame) -> None:
    tool.get_by_role("button", name="Save", exact=True).click()


def test_without_scripts_a_domain_is_saved_by_its_form(device: Open) -> None:
    tool = launch_without_scripts(device("amina", java_script_enabled=False)).tool
    tool.get_by_role("link", name="Begin with domain 1").click()
    expect(tool.locator("noscript > .notice")).to_be_visible()
    Competency(tool, "1.01").choose("Achieved")
    Competency(tool, "1.02").choose("Working towards")
    Competency(tool, "1.02").write(NOTE)
    save(tool)
    expect(tool.locator("#saved")).to_contain_text("Saved: 2 answers.")
    Competency(tool, "1.01").shows("Achieved")
    Competency(tool, "1.02").shows("Working towards", NOTE)
    expect(tool.locator("[data-progress-words]")).to_contain_text("2 of 10 rated")
    tool.get_by_role("button", name="Save and go on").click()
    expect(tool.locator("h1")).to_contain_text("Domain 2")


def test_without_scripts_a_note_that_is_too_long_is_kept_to_be_shortened(device: Open) -> None:
    amina = device("amina", java_script_enabled=False)
    amina.foresee("status of 413")
    tool = launch_without_scripts(amina).tool
    tool.get_by_role("link", name="Begin with domain 1").click()
    Competency(tool, "1.01").choose("Achieved")
    Competency(tool, "1.02").choose("Working towards")
    Competency(tool, "1.02").write(TOO_LONG)
    save(tool)
    problems = tool.get_by_role("region", name="1 answer is not saved yet")
    expect(problems).to_contain_text("1 other answer was saved.")
    expect(problems).to_contain_text("20,899 characters; 20,000 can be kept")
    expect(problems).to_be_focused()
    assert "Not saved:" in tool.title()
    problems.get_by_role("link", name="1.02").click()
    Competency(tool, "1.02").shows("Working towards", TOO_LONG)
    Competency(tool, "1.02").write(NOTE)
    save(tool)
    expect(tool.locator("#saved")).to_contain_text("Saved: 1 answer.")
    Competency(tool, "1.02").shows("Working towards", NOTE)


def test_without_scripts_two_tabs_do_not_overwrite_each_other(device: Open) -> None:
    amina = device("amina", java_script_enabled=False)
    amina.foresee("status of 409")
    here, there = (launch_without_scripts(amina) for _tab in range(2))
    for activity in (here, there):
        activity.page.bring_to_front()
        activity.tool.get_by_role("link", name="Begin with domain 1").click()
        expect(activity.tool.locator("form")).to_be_visible()
    for activity, note in ((here, "First tab."), (there, "Second tab.")):
        for code in ("1.01", "1.02"):
            Competency(activity.tool, code).write(note)
        save(activity.tool)
    tool = there.tool
    expect(tool.get_by_role("heading", name="2 answers are not saved yet")).to_be_visible()
    for code in ("1.01", "1.02"):
        expect(Competency(tool, code).section.locator(".version")).to_contain_text("First tab.")
        Competency(tool, code).shows("Not started", "Second tab.")
    Competency(tool, "1.02").section.get_by_role("checkbox").check()
    save(tool)
    Competency(tool, "1.01").shows("Not started", "Second tab.")
    Competency(tool, "1.02").shows("Not started", "First tab.")
    expect(there.open("history").locator(".change")).to_have_count(3)


def test_where_no_cookie_sticks_a_new_tab_carries_on(chromium: Browser, other_site: Site) -> None:
    amina = Device(chromium, other_site, "amina")
    amina.foresee("status of 401")  # of the link that is used a second time
    activity = amina.open_activity()
    activity.heading("One more step: open it in a new tab")
    expect(activity.tool.get_by_text("Your browser keeps no cookies")).to_be_visible()
    with amina.context.expect_page() as opened:
        activity.tool.get_by_role("link", name="Open in a new tab").click()
    tab = opened.value
    link = tab.url
    expect(tab.locator("h1")).to_have_text("Continue as Amina O'Brien-Żółć?")
    expect(tab.locator("main")).to_contain_text("Foundations of infant mental health")
    tab.get_by_role("button", name="Continue").click()
    rate_in(tab)
    page = amina.context.new_page()
    page.goto(f"{other_site.lms.url}/courses/{IMH101}/grades")
    expect(page.locator(".lk-big").first).to_have_text("2/100")
    assert_link_works_once(activity, link)
    amina.close()
    amina.assert_calm()


def rate_in(tab: Page) -> None:
    tab.get_by_role("link", name="Begin with domain 1").click()
    answer = Competency(tab, "1.01")
    answer.choose("Achieved")
    answer.write(NOTE)
    answer.is_saved()
    tab.reload()
    answer.shows("Achieved", NOTE)


def assert_link_works_once(activity: Activity, link: str) -> None:
    """The frame says where the activity is now; the used link says what to do."""
    activity.page.bring_to_front()
    activity.heading("The activity is open in another tab")
    used = activity.page.context.new_page()
    used.goto(link)
    expect(used.locator("main")).to_contain_text("from your course")
