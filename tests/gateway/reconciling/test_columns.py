"""Columns that the LMS did not give: found, or made exactly once; one for each domain."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instrument
from lti_tool.courses.models import Placement
from lti_tool.courses.queries import placement_of_course
from lti_tool.courses.rules import GradeParts
from lti_tool.gateway.passback import LeaseLost
from lti_tool.gateway.reconciling import changes
from lti_tool.gateway.reconciling.rules import ColumnState
from lti_tool.gateway.reconciling.services import choose_grade_parts, request_columns
from lti_tool.grades.rules import DeliveryState
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.outbox.models import Message
from lti_tool.wiring.messages import handlers
from tests.gateway.reconciling.conftest import Place
from tests.tool import Visitor

LEVEL_1 = instrument("self-assessment-1")
# The strict LMS tells nobody what its links are called.
TITLES = {
    "moodle": "Level 1 self-assessment",
    "canvas": "Level 1 self-assessment",
    "strict": LEVEL_1.title,
}
FIRST = LEVEL_1.domains[0].codes
ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PROFILES = pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("sqlite", "moodle"), ("postgresql", "canvas"), ("sqlite", "strict")],
    indirect=["engine_name"],
)


@pytest.fixture
def amina(place: Place) -> Visitor:
    """A learner of an activity to which the LMS gave no column."""
    place.control("DELETE", "lineitems/31")
    return place.launch("amina")


def made(place: Place) -> list[dict[str, Any]]:
    return [column for column in place.lms_columns() if column["ours"]]


def placement_row(session: Session) -> Placement:
    return session.execute(
        select(Placement).where(Placement.instrument != "").order_by(Placement.id).limit(1)
    ).scalar_one()


def choose(place: Place, parts: GradeParts) -> None:
    """Does what the set-up page does: stores the choice, and refreshes the grades."""
    from lti_tool.assessments.services import refresh_score
    from lti_tool.courses.queries import learners_of_placement

    with place.tool.database.transaction() as session:
        row = placement_row(session)
        actor = Actor(0, 0, row.course_id, 0, frozenset())
        changed = choose_grade_parts(session, actor, placement_of_course(session, row.id), parts)
        for person in learners_of_placement(session, changed):
            refresh_score(session, person, changed, delay=place.tool.runtime.grade_delay)
    place.work()


@PROFILES
def test_a_column_is_made_where_the_lms_gave_none(
    place: Place, amina: Visitor, profile: str
) -> None:
    place.rate(amina, FIRST[0])
    place.work()
    (column,) = made(place)
    assert column["label"] == TITLES[profile]
    assert column["points"] == 100
    assert column["tag"] == "imhcf"
    assert column["resource_id"] == amina.placement
    assert column["placement"] == 11
    (score,) = place.scores()
    assert place.cell(item=column["id"])["value"] == score.value
    assert score.state == DeliveryState.DELIVERED


@ONE
def test_a_column_that_is_there_is_found_and_none_is_made(place: Place) -> None:
    place.control("PUT", "settings", lineitem_claim=False)
    amina = place.launch("amina")
    place.rate(amina, FIRST[0])
    place.work()
    assert made(place) == []
    assert place.cell()["value"] is not None


@ONE
def test_of_several_columns_the_oldest_is_used_and_the_tutor_is_told(place: Place) -> None:
    place.launch("amina")
    with place.tool.database.transaction() as session:
        session.execute(update(Placement).values(line_item=""))
    _add_in_lms(place, resource_link=11)
    with place.tool.database.transaction() as session:
        request_columns(session, placement_of_course(session, placement_row(session).id))
    place.work()
    (column,) = place.columns()
    assert column.url.endswith("/lineitems/31/lineitem?type_id=2")
    assert column.reason == "several-found"
    assert not column.made


def _add_in_lms(place: Place, resource_link: int) -> None:
    from lti_tool.demo.lms import EXTENSION
    from lti_tool.demo.models import LineItem

    with place.lms.extensions[EXTENSION].database.writing() as session:
        session.add(
            LineItem(course_id=2, placement_id=resource_link, label="Another", score_maximum=10)
        )


@pytest.mark.parametrize("kind", ["lost-answer", "500", "503", "down"])
@ONE
def test_a_lost_answer_makes_no_second_column(place: Place, amina: Visitor, kind: str) -> None:
    _break_after_looking(place, kind)
    place.work()
    _make_due(place)
    place.work()
    assert len(made(place)) == 1
    (column,) = place.columns()
    assert (column.state, column.made) == (ColumnState.READY, True)


def _break_after_looking(place: Place, kind: str) -> None:
    """Breaks the call that makes the column, and not the one that looks for it."""

    def spoil(method: str, path: str) -> None:
        if (method, path.rsplit("/", 1)[-1]) == ("GET", "lineitems"):
            place.line.after = lambda _method, _path: None
            fault = {"kind": kind, "scope": "lineitems", "remaining": 1}
            place.control("PUT", "faults", faults=[fault])

    place.line.after = spoil


def _make_due(place: Place) -> None:
    with place.tool.database.transaction() as session:
        session.execute(
            update(Message).values(
                available_at=clock.now(), wait_seconds=0, lease="", leased_until=None
            )
        )


def test_a_crash_between_the_answer_and_our_note_makes_no_second_column(
    place: Place, amina: Visitor
) -> None:
    def crash(method: str, path: str) -> None:
        if (method, path.rsplit("/", 1)[-1]) == ("POST", "lineitems"):
            raise KeyboardInterrupt

    place.line.after = crash
    with pytest.raises(KeyboardInterrupt):
        place.work()
    place.line.after = lambda _method, _path: None
    _make_due(place)
    place.work()
    assert len(made(place)) == 1
    assert [column.state for column in place.columns()] == [ColumnState.READY]


def test_a_worker_whose_lease_is_over_makes_no_second_column(place: Place, amina: Visitor) -> None:
    from datetime import timedelta

    from lti_tool.outbox.services import take

    def leased() -> Any:
        with place.tool.database.transaction() as session:
            session.execute(update(Message).values(leased_until=clock.now()))
            (lease,) = take(session, limit=9, lease_for=timedelta(seconds=60))
        return lease

    first, second = leased(), leased()
    find = handlers(place.tool.runtime)["line-item.find"]
    with pytest.raises(LeaseLost):
        find(first)
    assert made(place) == []
    find(second)
    assert len(made(place)) == 1


@ONE
def test_without_the_right_nothing_is_made_and_the_reason_is_kept(place: Place) -> None:
    from lti_tool.demo.platform.names import ALL_SCOPES, LINE_ITEM_SCOPE

    place.control("PUT", "settings", scopes=[s for s in ALL_SCOPES if s != LINE_ITEM_SCOPE])
    place.control("DELETE", "lineitems/31")
    place.launch("amina")
    place.work()
    assert made(place) == []
    (column,) = place.columns()
    assert (column.state, column.reason) == (ColumnState.REFUSED, "permission-missing")
    # The LMS's administrator grants it, and somebody opens the activity.
    place.control("PUT", "settings", scopes=list(ALL_SCOPES))
    place.launch("cerys")
    place.work()
    assert len(made(place)) == 1


@ONE
def test_what_is_not_graded_gets_no_column(place: Place) -> None:
    place.control("DELETE", "lineitems/31")
    with place.tool.database.transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(Placement)).scalar_one() == 0
    _set_custom(place, grade="none")
    amina = place.launch("amina")
    place.rate(amina, FIRST[0])
    place.work()
    assert made(place) == []
    assert place.scores() == []
    assert place.line.count("GET", "/lineitems") == 0


def _set_custom(place: Place, **custom: str) -> None:
    from lti_tool.demo.lms import EXTENSION
    from lti_tool.demo.models import Placement as Link

    with place.lms.extensions[EXTENSION].database.writing() as session:
        link = session.get_one(Link, 11)
        link.custom = dict(link.custom) | custom


@PROFILES
def test_each_domain_has_its_own_column_and_grade(place: Place, profile: str) -> None:
    amina = place.launch("amina")
    for code in FIRST:
        place.rate(amina, code)
    place.work()
    choose(place, GradeParts.DOMAINS)
    columns = made(place)
    assert [column["label"] for column in columns] == [
        f"{TITLES[profile]}: {domain.title}" for domain in LEVEL_1.domains
    ]
    assert {column["placement"] for column in columns} == {None}
    parts = {score.part: score for score in place.scores()}
    assert set(parts) == {"", "domain-1"}  # nobody gets a grade for what they did not begin
    assert parts["domain-1"].value == 100
    assert place.cell(item=columns[0]["id"])["value"] == 100
    assert place.cell(item=31)["value"] == parts[""].value


@ONE
def test_going_back_and_forth_loses_no_grade_and_makes_no_more_columns(place: Place) -> None:
    amina = place.launch("amina")
    place.rate(amina, FIRST[0])
    place.work()
    choose(place, GradeParts.DOMAINS)
    place.rate(amina, FIRST[1])
    place.work()
    choose(place, GradeParts.WHOLE)
    place.rate(amina, FIRST[2])
    place.work()
    choose(place, GradeParts.DOMAINS)
    assert len(made(place)) == len(LEVEL_1.domains)
    parts = {score.part: score for score in place.scores()}
    assert set(parts) == {"", "domain-1"}
    assert "3 of" in parts["domain-1"].comment
    assert {score.state for score in parts.values()} == {DeliveryState.DELIVERED}
    assert place.cell(item=31)["comment"] == parts[""].comment


@ONE
def test_half_of_the_columns_are_made_when_the_worker_dies_and_the_rest_follow(
    place: Place,
) -> None:
    place.launch("amina")
    posted: list[str] = []

    def crash(method: str, path: str) -> None:
        if (method, path.rsplit("/", 1)[-1]) == ("POST", "lineitems"):
            posted.append(path)
            if len(posted) == 2:
                raise KeyboardInterrupt

    place.line.after = crash
    with pytest.raises(KeyboardInterrupt):
        choose(place, GradeParts.DOMAINS)
    _make_due(place)
    place.work()
    assert len(made(place)) == len(LEVEL_1.domains)
    assert {column.state for column in place.columns()} == {ColumnState.READY}


@PROFILES
def test_title_and_points_are_changed_at_the_lms_and_the_grades_with_them(
    place: Place, amina: Visitor
) -> None:
    place.rate(amina, FIRST[0])
    place.work()
    (column,) = place.columns()
    with place.tool.database.transaction() as session:
        changes.change_column(
            session, column.placement_id, column.id, label="Where am I?", points=20
        )
    place.work()
    (there,) = made(place)
    assert (there["label"], there["points"]) == ("Where am I?", 20)
    assert (there["resource_id"], there["tag"]) == (amina.placement, "imhcf")
    (score,) = place.scores()
    assert score.state == DeliveryState.DELIVERED
    assert place.cell(item=there["id"])["value"] == pytest.approx(20 * score.value / 100)
    place.reconcile()
    assert place.scores()[0].state == DeliveryState.DELIVERED
    (column,) = place.columns()
    assert (column.label, column.score_maximum, column.wanted_label) == ("Where am I?", 20, "")


@PROFILES
def test_a_column_of_ours_is_deleted_and_not_made_again_by_itself(
    place: Place, amina: Visitor
) -> None:
    place.rate(amina, FIRST[0])
    place.work()
    (column,) = place.columns()
    with place.tool.database.transaction() as session:
        changes.delete_column(session, column.placement_id, column.id)
    place.work()
    assert made(place) == []
    place.launch("cerys")
    place.rate(amina, FIRST[1])
    place.work()
    assert made(place) == []
    assert [c.state for c in place.columns()] == [ColumnState.DELETED]
    with place.tool.database.transaction() as session:
        changes.make_again(session, column.placement_id, column.id)
    place.work()
    (there,) = made(place)
    assert place.cell(item=there["id"])["comment"] == place.scores()[0].comment


@ONE
def test_a_column_of_the_lms_is_neither_changed_nor_deleted(place: Place) -> None:
    from lti_tool.kernel.errors import Conflict

    amina = place.launch("amina")
    place.rate(amina, FIRST[0])
    place.work()
    place.reconcile()
    (column,) = place.columns()
    with pytest.raises(Conflict), place.tool.database.transaction() as session:
        changes.delete_column(session, column.placement_id, column.id)
    with pytest.raises(Conflict), place.tool.database.transaction() as session:
        changes.change_column(session, column.placement_id, column.id, label="Mine", points=5)


@ONE
def test_a_column_that_somebody_deleted_in_the_lms_can_be_asked_for_anew(place: Place) -> None:
    amina = place.launch("amina")
    place.rate(amina, FIRST[0])
    place.work()
    place.control("DELETE", "lineitems/31")
    place.reconcile()
    (column,) = place.columns()
    assert column.is_gone
    with place.tool.database.transaction() as session:
        changes.make_again(session, column.placement_id, column.id)
    place.work()
    (there,) = made(place)
    (score,) = place.scores()
    assert score.state == DeliveryState.DELIVERED
    assert place.cell(item=there["id"])["value"] == score.value
