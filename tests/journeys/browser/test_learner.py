"""A learner in the LMS's frame: from the course page to the grade, one domain at a time."""

import re

import pytest
from playwright.sync_api import Page, expect

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import PHONE, Activity, Competency, Open
from tests.journeys.learner import A_YEAR_LATER, LEVEL_1, TWO_DOMAINS
from tests.journeys.servers import IMH101, IMH201, Site

pytestmark = pytest.mark.browser

DOMAINS = instrument("self-assessment-1").domains
CODES = [code for domain in DOMAINS for code in domain.codes]
STATES = {
    code: "Achieved" if number % 3 else "Working towards" for number, code in enumerate(CODES)
}
NOTE = "I kept a log of four visits – Llŷr, Żółć, 陈, يوسف – and we talked it over."


def test_a_learner_rates_everything_and_the_gradebook_says_so(site: Site, device: Open) -> None:
    amina = device("amina")
    page = amina.open_course()
    expect(page.get_by_role("listitem").filter(has_text="Level 1")).to_contain_text("No grade yet")
    page.get_by_role("link", name="Open Level 1 self-assessment", exact=True).click()
    activity = Activity(page)
    expect(activity.tool.locator(".lead")).to_contain_text("63 competencies in 7 domains.")
    rate_everything(activity)
    assert_summary(activity)
    assert_history(activity)
    assert_grade(page, site, "100", "63 of 63 rated")
    tutors = device("morag").open_course()
    tutors.get_by_role("link", name="Grades").click()
    row = tutors.get_by_role("row").filter(has_text="Amina")
    expect(row.get_by_role("cell").first).to_contain_text("100/100")


def rate_everything(activity: Activity) -> None:
    """Goes from domain to domain by the pages' own buttons; looks at the overview half-way."""
    tool = activity.tool
    tool.get_by_role("link", name="Begin with domain 1").click()
    for domain in DOMAINS:
        activity.heading(domain.title)
        progress = tool.locator("[data-progress-words]")
        expect(progress).to_contain_text(f"0 of {len(domain.codes)} rated")
        for code in domain.codes:
            Competency(tool, code).choose(STATES[code])
        first = Competency(tool, domain.codes[0])
        first.write(NOTE)
        expect(progress).to_contain_text(f"{len(domain.codes)} of {len(domain.codes)} rated")
        if domain.number == 3:
            look_at_the_overview(activity)
        tool.get_by_role("button", name="Save and go on").click()
    activity.heading("Your summary")


def look_at_the_overview(activity: Activity) -> None:
    tool = activity.tool
    tool.get_by_role("navigation", name="Where you are").get_by_role("link").click()
    done = sum(len(domain.codes) for domain in DOMAINS[:3])
    expect(tool.locator(".page-head")).to_contain_text(f"{done} of 63 rated")
    card = tool.locator(".next-step")
    expect(card).to_contain_text("Domain 4:")
    expect(card).to_contain_text("0 of 10 rated")
    tool.locator(".domains").get_by_role("link", name="Domain 3:").click()
    Competency(tool, DOMAINS[2].codes[0]).shows(STATES[DOMAINS[2].codes[0]], NOTE)


def assert_summary(activity: Activity) -> None:
    """Strengths and gaps are those that were chosen; the numbers add up."""
    tool = activity.tool
    for title, state in (("Strengths", "Achieved"), ("Gaps", "Working towards")):
        section = tool.locator("section").filter(has=tool.get_by_role("heading", name=title))
        codes = section.locator(".competency-list .code").all_inner_texts()
        assert codes == [code for code in CODES if STATES[code] == state]
    achieved = sum(state == "Achieved" for state in STATES.values())
    totals = tool.locator(".glance tfoot td.number").all_inner_texts()
    assert totals == [str(achieved), str(63 - achieved), "0"]
    expect(tool.get_by_text(NOTE)).to_have_count(0)
    tool.get_by_role("link", name="Show evidence notes").click()
    expect(tool.get_by_text(NOTE)).to_have_count(len(DOMAINS))


def assert_history(activity: Activity) -> None:
    """Every change is there, the newest first, in pages."""
    tool = activity.tool
    tool.locator("[data-menu] > summary").click()
    tool.get_by_role("link", name="Your history").click()
    activity.heading("Your history")
    expect(tool.locator(".change")).to_have_count(25)
    expect(tool.locator(".change").first).to_contain_text(re.compile("Note written|Not started"))
    tool.get_by_role("link", name="Older changes").click()
    expect(tool.get_by_role("link", name="Newest changes")).to_be_visible()
    expect(tool.locator(".change")).to_have_count(25)


def assert_grade(page: Page, site: Site, value: str, comment: str) -> None:
    """The learner's own gradebook page, which keeps itself up to date, shows the grade."""
    page.goto(f"{site.lms.url}/courses/{IMH101}/grades")
    card = page.get_by_role("listitem").filter(has_text="Level 1 self-assessment")
    expect(card.locator(".lk-big")).to_have_text(f"{value}/100")
    expect(card).to_contain_text(comment)


def test_a_learner_rates_on_a_phone_by_touch(device: Open) -> None:
    page = device("amina", size=PHONE, is_mobile=True, has_touch=True).open_course()
    page.get_by_role("link", name="Open Level 1 self-assessment", exact=True).tap()
    activity = Activity(page)
    tool = activity.tool
    tool.get_by_role("link", name="Begin with domain 1").tap()
    answer = Competency(tool, CODES[0])
    answer.section.get_by_text("Achieved", exact=True).tap()
    answer.note.tap()
    page.keyboard.type(NOTE)
    answer.is_saved()
    tool.locator("[data-menu] > summary").tap()
    tool.get_by_role("link", name="Summary").tap()
    activity.heading("Your summary")
    tool.get_by_role("link", name="Show evidence notes").tap()
    expect(tool.get_by_text(NOTE)).to_be_visible()


def test_two_courses_share_one_persons_ratings(site: Site, device: Open) -> None:
    amina = device("amina")
    here = amina.open_activity(LEVEL_1)
    part = amina.open_activity(TWO_DOMAINS)
    later = amina.open_activity(A_YEAR_LATER, IMH201)
    tool = here.open_domain(1)
    for code in DOMAINS[0].codes[:4]:
        Competency(tool, code).choose("Achieved")
    Competency(tool, DOMAINS[0].codes[0]).write(NOTE)
    expect(tool.locator("[data-progress-words]")).to_contain_text("4 of 10 rated")
    Competency(tool, DOMAINS[0].codes[0]).is_saved()
    Competency(later.open_domain(1), DOMAINS[0].codes[0]).shows("Achieved", NOTE)
    Competency(part.open_domain(1), DOMAINS[0].codes[0]).shows("Achieved", NOTE)
    page = amina.open_course(IMH201)
    page.get_by_role("link", name="Grades").click()
    # 4 of 63; two other levels and three portfolios have nothing yet.
    expect(page.locator(".lk-big")).to_have_text(["6/100", *["–nothing"] * 5])
    page.goto(f"{site.lms.url}/courses/{IMH101}/grades")
    expect(page.locator(".lk-big")).to_have_text(["6/100", "17/100", "–nothing"])  # 4 of 23
