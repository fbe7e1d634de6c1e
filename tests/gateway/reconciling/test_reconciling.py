"""Cells that were lost are mended; what a tutor entered stands, and is shown."""

from typing import Any

import pytest

from lti_tool.competencies.queries import instrument
from lti_tool.grades.rules import DeliveryState
from tests.gateway.reconciling.conftest import Place
from tests.tool import Visitor

CODES = tuple(c for d in instrument("self-assessment-1").domains for c in d.codes)
# What an LMS does has nothing to do with our database: each engine has its turn.
ALL = pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("postgresql", "moodle"), ("sqlite", "canvas"), ("sqlite", "strict")],
    indirect=["engine_name"],
)


def ours(place: Place) -> tuple[int, str]:
    (score,) = place.scores()
    return score.value, score.comment


def shown(place: Place, item: int = 31) -> tuple[Any, Any]:
    cell = place.cell(item=item)
    return cell["value"], cell["comment"]


@pytest.fixture
def amina(place: Place) -> Visitor:
    """A learner whose first grade has arrived."""
    visitor = place.launch("amina")
    for code in CODES[:5]:
        place.rate(visitor, code)
    place.work()
    assert shown(place) == ours(place)
    return visitor


@ALL
def test_a_lost_cell_is_sent_again(place: Place, amina: Visitor) -> None:
    place.enter(None, damage=True)
    place.reconcile()
    assert shown(place) == ours(place)
    (score,) = place.scores()
    assert score.state == DeliveryState.DELIVERED
    assert score.delivered_version == score.version
    assert score.mended_at is None


@ALL
def test_an_older_value_of_ours_is_replaced_by_the_newest(place: Place, amina: Visitor) -> None:
    before = shown(place)
    place.rate(amina, CODES[5])
    place.work()
    place.enter(before[0], damage=True, comment=before[1])
    place.reconcile()
    assert shown(place) == ours(place)
    assert shown(place) != before


@ALL
def test_what_agrees_is_left_alone(place: Place, amina: Visitor) -> None:
    place.reconcile()
    posts = place.line.count("POST", "/scores")
    place.reconcile()
    assert place.line.count("POST", "/scores") == posts == 1
    (column,) = place.columns()
    assert column.differing == 0
    assert column.checked_at
    assert column.check_reason == ""


@ALL
def test_a_tutors_grade_stands_and_later_changes_do_not_replace_it(
    place: Place, amina: Visitor
) -> None:
    place.enter(70)
    place.reconcile()
    (score,) = place.scores()
    assert (score.state, score.overridden_value) == (DeliveryState.OVERRIDDEN, 70)
    place.rate(amina, CODES[6])
    place.work()
    place.reconcile()
    assert place.cell()["value"] == 70
    (score,) = place.scores()
    assert score.state == DeliveryState.OVERRIDDEN
    assert score.delivered_version < score.version


@ALL
def test_an_override_that_no_night_has_seen_is_respected_too(place: Place, amina: Visitor) -> None:
    place.enter(70)
    place.rate(amina, CODES[6])
    place.work()
    assert place.cell()["value"] == 70
    (score,) = place.scores()
    assert (score.state, score.overridden_value) == (DeliveryState.OVERRIDDEN, 70)


@ALL
def test_when_the_override_is_removed_the_newest_is_sent(place: Place, amina: Visitor) -> None:
    place.enter(70)
    place.reconcile()
    place.rate(amina, CODES[6])
    place.control("DELETE", "lineitems/31/cells/amina")
    place.reconcile()
    assert shown(place) == ours(place)
    (score,) = place.scores()
    assert score.state == DeliveryState.DELIVERED
    assert score.overridden_at is None


@ALL
def test_an_override_that_changes_is_noted_anew(place: Place, amina: Visitor) -> None:
    place.enter(70)
    place.reconcile()
    place.enter(80)
    place.reconcile()
    (score,) = place.scores()
    assert (score.state, score.overridden_value) == (DeliveryState.OVERRIDDEN, 80)
    assert place.cell()["value"] == 80


@ALL
def test_a_tutors_feedback_is_never_erased(place: Place, amina: Visitor, profile: str) -> None:
    value = place.cell()["value"]
    place.enter(value, comment="Well observed, Amina.")
    place.rate(amina, CODES[7])
    place.work()
    place.reconcile()
    assert shown(place) == (value, "Well observed, Amina.")


def test_an_override_back_to_an_old_value_of_ours_is_found_when_moodle_keeps_it(
    place: Place, amina: Visitor
) -> None:
    old = place.cell()["value"]
    place.rate(amina, CODES[5])
    place.work()
    place.enter(old)
    place.reconcile()
    (score,) = place.scores()
    assert (score.state, score.overridden_value) == (DeliveryState.OVERRIDDEN, old)
    posts = place.line.count("POST", "/scores")
    place.reconcile()
    assert place.line.count("POST", "/scores") == posts


@ALL
def test_another_scale_in_the_gradebook_is_no_override(place: Place, amina: Visitor) -> None:
    place.reconcile()
    _rescale(place, 7)
    place.rate(amina, CODES[5])
    place.work()
    place.reconcile()
    (score,) = place.scores()
    assert score.state == DeliveryState.DELIVERED
    assert place.cell()["value"] == pytest.approx(7 * score.value / 100)


def _rescale(place: Place, points: float) -> None:
    """Changes what the column is out of in the LMS, which leaves the grades as they are."""
    from lti_tool.demo.lms import EXTENSION
    from lti_tool.demo.models import LineItem

    with place.lms.extensions[EXTENSION].database.writing() as session:
        session.get_one(LineItem, 31).score_maximum = points


def test_a_deleted_course_is_said_and_not_tried_again(place: Place, amina: Visitor) -> None:
    place.reconcile()
    place.control("DELETE", "courses/2")
    place.reconcile()
    (column,) = place.columns()
    assert column.check_reason == "line-item-gone"


def test_without_the_right_to_read_results_it_says_so(place: Place, amina: Visitor) -> None:
    from lti_tool.demo.platform.names import ALL_SCOPES, RESULT_SCOPE

    place.control("PUT", "settings", scopes=[s for s in ALL_SCOPES if s != RESULT_SCOPE])
    place.reconcile()
    (column,) = place.columns()
    assert column.check_reason == "permission-missing"
    place.rate(amina, CODES[5])
    place.work()
    assert shown(place) == ours(place)
