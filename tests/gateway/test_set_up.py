"""The set-up page, over HTTP."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from lti_tool.courses.models import Placement
from lti_tool.courses.rules import NOT_SET_UP, SetUp
from lti_tool.grades.models import Score
from tests.gateway.lms import Lms
from tests.tool import TUTOR, Tool, Visitor

ALL = [f"self-assessment-1:{number}" for number in range(1, 8)]


def form(**changes: Any) -> dict[str, Any]:
    return {"instrument": "self-assessment-1", "domains": ALL, "grade_rule": "completion"} | changes


def tutor(tool: Tool, set_up: SetUp = NOT_SET_UP) -> Visitor:
    return tool.sign_in("tara", roles=TUTOR, link="bare", set_up=set_up)


def stored(tool: Tool) -> tuple[str, list[int], str]:
    with tool.database.transaction(write=False) as session:
        placement = session.query(Placement).filter_by(resource_link="bare").one()
        return placement.instrument, placement.domains, placement.grade_rule


def test_all_domains_are_ticked_at_first_and_stored_as_all(tool: Tool) -> None:
    tara = tutor(tool)
    assert tara.get("set-up").text.count('name="domains"') >= 7
    assert tara.post("set-up", form()).location.endswith("/course?set_up=saved")
    assert stored(tool) == ("self-assessment-1", [], "completion")
    assert "The set-up is saved." in tara.get("course?set_up=saved").text


def test_some_domains_and_another_grade_are_stored_and_shown_again(tool: Tool) -> None:
    tara = tutor(tool)
    tara.post("set-up", form(domains=[ALL[1], ALL[4]], grade_rule="achieved"))
    assert stored(tool) == ("self-assessment-1", [2, 5], "achieved")
    page = " ".join(tara.get("set-up").text.split())
    assert 'value="self-assessment-1:2" checked' in page
    assert 'value="self-assessment-1:3" checked' not in page
    assert 'value="achieved" checked' in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"domains": []}, "Choose at least one domain."),
        ({"domains": ["self-assessment-1:99", "portfolio-1:1"]}, "Choose at least one domain."),
        ({"instrument": ""}, "Choose a self-assessment or a portfolio."),
        ({"grade_rule": ""}, "Choose how the activity is graded."),
    ],
)
def test_what_is_missing_is_said_and_nothing_stored(
    tool: Tool, change: dict[str, Any], words: str
) -> None:
    answer = tutor(tool).post("set-up", form(**change))
    assert answer.status_code == 400
    assert words in answer.text
    assert stored(tool)[0] == ""


@pytest.mark.parametrize("change", [{"instrument": "nothing"}, {"grade_rule": "best"}])
def test_what_is_not_offered_is_refused(tool: Tool, change: dict[str, Any]) -> None:
    assert tutor(tool).post("set-up", form(**change)).status_code == 400
    assert stored(tool)[0] == ""


def test_an_instrument_that_is_gone_is_named_to_the_tutor(tool: Tool) -> None:
    assert "self-assessment-99" in tutor(tool, SetUp("self-assessment-99")).get("set-up").text


def test_grades_follow_a_changed_set_up(tool: Tool) -> None:
    set_up = SetUp("self-assessment-1")
    amina = tool.sign_in("amina", link="bare", set_up=set_up)
    rating = {"code": "6.01", "state": "working-towards", "note": "", "version": 0}
    assert amina.post_json("ratings", rating).status_code == 200
    tool.sign_in("ben", link="bare", set_up=set_up)
    tutor(tool, set_up).post("set-up", form(domains=[ALL[5]]))
    with tool.database.transaction(write=False) as session:
        assert session.query(Score).one().value == 17
    tutor(tool, set_up).post("set-up", form(domains=[ALL[5]], grade_rule="achieved"))
    with tool.database.transaction(write=False) as session:
        assert session.query(Score).one().value == 0


def milestones(tool: Tool) -> tuple[date | None, bool]:
    with tool.database.transaction(write=False) as session:
        placement = session.query(Placement).filter_by(resource_link="bare").one()
        return placement.snapshot_on, placement.asks_looking_back


def test_a_day_and_looking_back_are_stored_shown_again_and_taken_back(tool: Tool) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        tara = tutor(tool)
        tara.post("set-up", form(snapshot_on="2026-03-02", asks_looking_back="y"))
        assert milestones(tool) == (date(2026, 3, 2), True)
        page = " ".join(tara.get("set-up").text.split())
        assert 'name="snapshot_on" value="2026-03-02"' in page
        assert 'name="asks_looking_back" value="y" checked' in page
    with time_machine.travel(datetime(2026, 3, 9, 12, tzinfo=UTC), tick=False):
        tara = tutor(tool)
        # A day that is over stays as it is; another one must be still to come.
        assert tara.post("set-up", form(snapshot_on="2026-03-02")).status_code == 303
        assert milestones(tool) == (date(2026, 3, 2), False)
        assert tara.post("set-up", form(snapshot_on="2026-03-08")).status_code == 400
        assert tara.post("set-up", form(snapshot_on="")).status_code == 303
        assert milestones(tool) == (None, False)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2020-01-01", "Choose today or a later day"),
        ("9999-12-31", "Choose today or a later day"),
        ("31/12/2026", "could not be read"),
        ("<b>", "could not be read"),
        ("2026-02-30", "could not be read"),
    ],
)
def test_a_day_that_makes_no_sense_is_said_and_nothing_stored(
    tool: Tool, day: str, words: str
) -> None:
    answer = tutor(tool).post("set-up", form(snapshot_on=day, asks_looking_back="y"))
    assert answer.status_code == 400
    assert words in answer.text
    assert "#snapshot_on-field" in answer.text
    assert 'name="asks_looking_back"' in answer.text
    assert stored(tool)[0] == ""


def test_a_launch_changes_neither_the_day_nor_looking_back(tool: Tool) -> None:
    tutor(tool).post("set-up", form(snapshot_on="2090-03-02", asks_looking_back="y"))
    tutor(tool, SetUp("self-assessment-2", (3,)))
    assert milestones(tool) == (date(2090, 3, 2), True)


@pytest.mark.parametrize(
    ("day", "kept"), [(date(2090, 3, 2), date(2090, 3, 2)), (date(2020, 3, 2), None)]
)
def test_a_copied_course_keeps_looking_back_and_a_day_that_is_still_to_come(
    tool: Tool, lms: Lms, day: date, kept: date | None
) -> None:
    def launch(course: str, **custom: str) -> None:
        asked = {"instrument": "self-assessment-1"} | custom
        context = {"id": course, "title": course, "label": course}
        launched = lms.launch(tool.app.test_client(), lti_context=context, lti_custom=asked)
        assert launched.status_code == 303

    def rows() -> list[Placement]:
        with tool.database.transaction(write=False) as session:
            return session.query(Placement).order_by(Placement.id).all()

    launch("this year")
    (first,) = rows()
    with tool.database.transaction() as session:
        session.query(Placement).update({"snapshot_on": day, "asks_looking_back": True})
    launch("next year", placement=first.public_id)
    launch("elsewhere", placement="\0unknown")
    _first, copy, other = rows()
    assert (copy.snapshot_on, copy.asks_looking_back) == (kept, True)
    assert (other.snapshot_on, other.asks_looking_back) == (None, False)


def test_a_portfolio_is_set_up_whole_and_graded_by_its_review(tool: Tool) -> None:
    tara = tutor(tool)
    page = tara.get("set-up").text
    assert page.count('data-kind="portfolio"') == 3
    chosen = {
        "instrument": "portfolio-2",
        "portfolio_grade": "achieved",
        "snapshot_on": "2099-01-01",
    }
    # What is asked of self-assessments alone does not count, whatever a browser sends of it.
    saved = tara.post("set-up", form(**chosen, grade_parts="domains", asks_looking_back="y"))
    assert saved.location.endswith("/course?set_up=saved")
    assert stored(tool) == ("portfolio-2", [], "achieved")
    assert milestones(tool) == (None, False)
    assert "The grade is the share" in tara.get("course").text
    again = " ".join(tara.get("set-up").text.split())
    assert 'name="portfolio_grade" value="achieved" checked' in again


def test_a_portfolio_without_a_grade(tool: Tool) -> None:
    tara = tutor(tool)
    tara.post("set-up", form(instrument="portfolio-1", portfolio_grade="none"))
    assert stored(tool) == ("portfolio-1", [], "none")


@pytest.mark.parametrize("grade", ["completion", "", "best"])
def test_a_portfolio_has_no_other_grade(tool: Tool, grade: str) -> None:
    answer = tutor(tool).post("set-up", form(instrument="portfolio-1", portfolio_grade=grade))
    assert answer.status_code == 400
    assert stored(tool)[0] == ""
