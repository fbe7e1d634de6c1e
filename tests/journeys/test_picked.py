"""From picking to the gradebook, and into a copy of the course, in every kind of LMS."""

import pytest

from lti_tool.competencies.queries import instrument
from tests.journeys.agreement import wait_for_delivery
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner
from tests.journeys.picking import Tutor

WHOLE = {"title": "Where do I stand?", "points": "50"}
PART = {
    "title": "Two domains, Llŷr",
    "domains": ["1", "2"],
    "grade_rule": "achieved",
    "points": "20",
    "due_at": "2099-12-03T17:00",
}
FIRST_TWO = [
    code
    for domain in instrument("self-assessment-1").domains
    if domain.number in {1, 2}
    for code in domain.codes
]


@on("sqlite")
@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_two_picked_activities_are_worked_on_graded_and_copied(
    open_site: OpenSite, profile: str
) -> None:
    site = open_site(profile, embedded=True)
    site.lms.control("PUT", "settings", storage="")  # which needs a browser
    morag = Tutor(site)
    if profile == "canvas":  # an assignment each, since only those have columns
        for item in (WHOLE, PART):
            assert "1 activity was added" in morag.pick(item, place="assignment_selection").text
    else:
        assert "2 activities were added" in morag.pick(WHOLE, PART).text
    placed = morag.items()
    whole, part = placed["Where do I stand?"], placed["Two domains, Llŷr"]

    amina = Learner(site, "amina", part["id"]).open()
    amina.rate_all(FIRST_TWO[: len(FIRST_TWO) // 2])
    Learner(site, "amina", whole["id"]).open()
    wait_for_delivery(site)
    half = round(100 * (len(FIRST_TWO) // 2) / len(FIRST_TWO))
    share = round(100 * (len(FIRST_TWO) // 2) / len(CODES))
    assert {cell["label"]: (cell["value"], cell["maximum"]) for cell in site.lms.cells()} == {
        "Two domains, Llŷr": (pytest.approx(20 * half / 100), 20),
        "Where do I stand?": (pytest.approx(50 * share / 100), 50),
    }
    morag.open(part["id"])
    assert "3 December 2099, 17:00" in morag.course_page()
    if profile != "moodle":  # which has no dates of its own for a link, and keeps the picked one
        morag.change(f"items/{part['id']}/dates", due_at="2098-01-02T09:00")
        morag.open(part["id"])
        assert "2 January 2098, 09:00" in morag.course_page()

    morag.set_up("self-assessment-2", (1,), "completion")
    next_year = morag.copy_course()
    copy = next_year.items()["Two domains, Llŷr"]
    next_year.open(copy["id"])
    page = next_year.course_page()
    assert "IMHCF self-assessment, Level 2" in page
    assert "1 domain" in page
    assert "Nobody has come yet" in page
    assert "3 December 2099" not in page
    assert site.lms.control("GET", f"gradebook?course={next_year.course}") == []

    next_year.enrol("cerys")
    cerys = Learner(site, "cerys", copy["id"], next_year.course).open()
    cerys.rate("1.01")
    wait_for_delivery(site)
    (cell,) = site.lms.control("GET", f"gradebook?course={next_year.course}")
    assert (cell["user"], cell["label"]) == ("cerys", "Two domains, Llŷr")
    assert cell["value"] > 0
