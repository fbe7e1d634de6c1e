"""A tutor in the LMS's frame: who needs me, a grade that did not arrive, an activity set up."""

import re

import pytest
from playwright.sync_api import Frame, Locator, expect

from lti_tool.grades.rules import DeliveryState
from tests.journeys.browser.device import Activity, Competency, Open
from tests.journeys.learner import A_YEAR_LATER, CODES, Learner
from tests.journeys.processes import eventually
from tests.journeys.servers import IMH101, IMH201, Site

pytestmark = pytest.mark.browser

NOT_SET_UP = 13
GONE = "The LMS takes no grade for this person: a teacher, or someone who has left the course."
NOTE = "I asked what helped last time."


def line_of(tool: Frame, name: str) -> Locator:
    return tool.get_by_role("row").filter(has=tool.get_by_role("rowheader", name=name))


def wait_for(site: Site, *states: DeliveryState) -> None:
    """Waits until the scores, in the order in which they came, are in these states."""
    eventually(lambda: [s.state for s in site.scores()] == list(states), f"scores are {states}")


def class_of_three(site: Site) -> None:
    """Amina's grade is refused, since the LMS lost her; Cerys's arrives; Yusuf has only looked.

    Nobody else is enrolled: the LMS's list comes beside a tutor's visit, who knows when.
    """
    for key in ("meilin", "oluwaseun", "siobhan", "harpreet"):
        site.lms.control("DELETE", f"courses/{IMH101}/members/{key}")
    amina, cerys = Learner(site, "amina").open(), Learner(site, "cerys").open()
    Learner(site, "yusuf").open()
    site.lms.control("DELETE", f"courses/{IMH101}/members/amina")
    amina.rate_all(CODES[:12])
    wait_for(site, DeliveryState.FAILED)
    cerys.rate_all(CODES[:3], "working-towards")
    wait_for(site, DeliveryState.FAILED, DeliveryState.DELIVERED)


def test_the_course_page_shows_who_needs_the_tutor(site: Site, device: Open) -> None:
    class_of_three(site)
    tool = device("morag").open_activity().tool
    facts = tool.get_by_role("list", name="What needs you")
    expect(facts).to_contain_text("1 has not started")
    expect(facts).to_contain_text("Nobody is stuck")
    expect(facts).to_contain_text("1 grade was not delivered")
    amina = line_of(tool, "Amina")
    expect(amina).to_contain_text("12 of 63 rated")
    expect(amina).to_contain_text("10 of 10 rated, 10 achieved")
    expect(amina).to_contain_text(re.compile(r"\d{1,2} \w+ 20\d\d"))  # last active
    expect(line_of(tool, "Cerys")).to_contain_text("5 of 100")
    expect(line_of(tool, "يوسف")).to_contain_text("Not started")
    tool.get_by_role("columnheader", name="Progress").get_by_role("link").click()
    expect(tool.get_by_role("columnheader", name="Progress")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(tool.locator("tbody tr").last).to_contain_text("Amina")
    facts.get_by_role("link", name="1 has not started").click()
    expect(tool.locator("tbody tr")).to_have_count(1)
    tool.get_by_role("link", name="Show everyone").click()
    expect(tool.locator("tbody tr")).to_have_count(3)


def test_a_grade_that_failed_says_why_and_arrives_when_tried_again(
    site: Site, device: Open
) -> None:
    class_of_three(site)
    morag = device("morag")
    activity = morag.open_activity()
    tool = activity.tool
    amina = line_of(tool, "Amina")
    expect(amina).to_contain_text("Not delivered.")
    expect(amina).to_contain_text(GONE)
    site.lms.control("PUT", f"courses/{IMH101}/members/amina", role="learner")
    amina.get_by_role("button", name="Try again for Amina").click()
    expect(tool.get_by_role("status")).to_contain_text("The grade is on its way again.")
    wait_for(site, DeliveryState.DELIVERED, DeliveryState.DELIVERED)
    activity.open("course")
    expect(line_of(tool, "Amina")).to_contain_text("19 of 100")
    expect(line_of(tool, "Amina")).to_contain_text("in the gradebook since")
    expect(tool.get_by_role("list", name="What needs you")).to_contain_text("No grade has failed")
    page = morag.open_course()
    page.get_by_role("link", name="Grades").click()
    expect(page.get_by_role("row").filter(has_text="Amina")).to_contain_text("19/100")


def test_a_learner_is_to_be_read_and_not_to_be_changed(site: Site, device: Open) -> None:
    amina = Learner(site, "amina").open()
    amina.rate_all(CODES[:3])
    yusuf = device("yusuf")
    own = Competency(yusuf.open_activity().open_domain(1), CODES[0])
    own.choose("Working towards")
    own.write(NOTE)
    own.is_saved()
    morag = device("morag")
    morag.foresee("status of 403")
    activity = morag.open_activity()
    tool = activity.tool
    tool.get_by_role("link", name="يوسف").click()
    expect(tool.locator("h1")).to_contain_text("يوسف")
    expect(tool.get_by_text(NOTE).first).to_be_visible()
    expect(tool.locator(".change")).not_to_have_count(0)
    expect(tool.get_by_role("main").locator("input:enabled, textarea, select")).to_have_count(0)
    assert_tutor_cannot_rate(activity)
    tool = yusuf.open_activity().tool
    yusuf.foresee("status of 403")
    tool.goto(re.sub("[^/]*$", "course", tool.url))
    expect(tool.locator("h1")).to_have_text("This page is not for your role in the course.")


def assert_tutor_cannot_rate(activity: Activity) -> None:
    """The learners' page can be looked at; neither its form nor a script's call is taken."""
    tool = activity.open("domain/1")
    expect(tool.get_by_text("You can look, and nothing can be changed.")).to_be_visible()
    expect(Competency(tool, CODES[0]).radio("Achieved")).to_be_disabled()
    expect(tool.get_by_role("button", name="Save")).to_have_count(0)
    tool = activity.open("set-up")
    statuses = tool.evaluate(
        """async ([ratings, form, answer]) => {
            const token = document.querySelector('[name="csrf_token"]').value;
            const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
            const sent = [
                fetch(ratings, {method: "POST", headers, body: JSON.stringify(answer)}),
                fetch(form, {method: "POST", headers: {"X-CSRFToken": token}}),
            ];
            return (await Promise.all(sent)).map((response) => response.status);
        }""",
        [
            f"{activity.home}ratings",
            f"{activity.home}domain/1",
            {"code": CODES[0], "state": "achieved", "note": "", "version": 0},
        ],
    )
    assert statuses == [403, 403]


def test_one_person_learns_in_one_course_and_teaches_in_another(device: Open) -> None:
    harpreet = device("harpreet")
    learning = harpreet.open_activity()
    teaching = harpreet.open_activity(A_YEAR_LATER, IMH201)
    expect(learning.tool.get_by_role("link", name="Begin with domain 1")).to_be_visible()
    expect(teaching.tool.get_by_role("heading", name="Nobody has come yet")).to_be_visible()
    Competency(learning.open_domain(1), CODES[0]).choose("Achieved")
    Competency(learning.tool, CODES[0]).is_saved()


def test_a_link_made_by_hand_is_set_up_and_graded(site: Site, device: Open) -> None:
    cerys = device("cerys").open_activity(NOT_SET_UP)
    cerys.heading("This activity is not set up yet")
    morag = device("morag")
    morag.foresee("status of 400")
    tutors = morag.open_activity(NOT_SET_UP)
    tutors.heading("Set up this activity")
    set_up(tutors.tool, domains=(), rule="By achievement")
    problems = tutors.tool.get_by_role("region", name="Not saved yet")
    expect(problems).to_be_focused()
    expect(problems.get_by_role("link")).to_have_text(["Choose at least one domain."])
    expect(tutors.tool.get_by_role("radio", name="By achievement")).to_be_checked()
    set_up(tutors.tool, domains=(5, 6), rule="By achievement")
    expect(tutors.tool.get_by_role("status")).to_contain_text("The set-up is saved.")
    expect(tutors.tool.locator(".page-head")).to_contain_text("2 domains")
    expect(tutors.tool.get_by_role("heading", name="Nobody has come yet")).to_have_count(0)
    cerys.launch_again()
    expect(cerys.tool.locator(".domains > li")).to_have_count(2)
    tool = cerys.open_domain(5)
    for code in ("5.01", "5.02", "5.03"):
        Competency(tool, code).choose("Achieved")
    Competency(tool, "5.04").choose("Working towards")
    expect(tool.locator("[data-progress-words]")).to_contain_text("4 of 7 rated, 3 achieved")
    page = cerys.page
    page.goto(f"{site.lms.url}/courses/{IMH101}/grades")
    card = page.get_by_role("listitem").filter(has_text="Not set up yet")
    expect(card.locator(".lk-big")).to_have_text("23/100")  # 3 of 13 achieved


def set_up(tool: Frame, *, domains: tuple[int, ...], rule: str) -> None:
    """Fills the set-up page in and sends it."""
    tool.get_by_role("radio", name="IMHCF self-assessment, Level 1").check()
    for tick in tool.locator('[name="domains"][value^="self-assessment-1:"]').all():
        tick.set_checked(int((tick.get_attribute("value") or "").split(":")[1]) in domains)
    tool.get_by_role("radio", name=rule).check()
    tool.get_by_role("button", name="Save the set-up").click()
