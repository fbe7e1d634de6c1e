"""Handed in, then graded: what each kind of gradebook shows, and that nothing there is erased."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Membership
from lti_tool.courses.queries import placement_for
from lti_tool.grades import overrides, services
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState
from lti_tool.kernel.actor import Actor, Role
from lti_tool.portfolios.choosing import choose_portfolio
from lti_tool.portfolios.submitting.grading import record_verdict
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.gateway.reconciling.conftest import Place
from tests.gateway.reconciling.test_reconciling import ALL
from tests.portfolios.handing_in import Handing

IMH201 = 3
ITEM, COLUMN = 24, 44
TOTAL = 12


@dataclass
class Case:
    """A learner with a portfolio in Larkfield, and what becomes of it."""

    place: Place
    handing: Handing

    def hand_in(self) -> SubmissionView:
        found = self.handing.hand_in()
        self.place.work()
        return found

    def judge(
        self, submission: SubmissionView, met: int, *, recognised: bool = False, words: str = ""
    ) -> None:
        comment = words or f"{met} of {TOTAL} competencies met."
        with self.place.tool.database.transaction() as session:
            record_verdict(
                session, submission, met=met, total=TOTAL, recognised=recognised, comment=comment
            )
        self.place.work()

    def give_back(self, submission: SubmissionView, met: int) -> None:
        """An assessor wants more: the portfolio can be handed in again."""
        with self.place.tool.database.transaction() as session:
            assert begin_review(session, submission.id)
            assert return_for_more(session, submission.id, self.handing.codes[met:])
        self.judge(submission, met)

    @property
    def cell(self) -> dict[str, Any]:
        return self.place.cell("amina", COLUMN, IMH201)

    @property
    def cells(self) -> list[dict[str, Any]]:
        return [one for one in self.place.cells(IMH201) if one["line_item_id"] == COLUMN]

    @property
    def score(self) -> Score:
        (found,) = self.place.scores()
        return found

    def enter(self, value: float | None, **more: Any) -> None:
        self.place.enter(value, item=COLUMN, **more)

    @property
    def posts(self) -> int:
        return self.place.line.count("POST", "/scores")

    @property
    def taken(self) -> int:
        """How many scores the LMS took: one that was too early by its clock was sent again."""
        return sum(path.endswith("/scores") for _method, path in self.place.line.taken)


@pytest.fixture
def case(place: Place) -> Case:
    visitor = place.launch("amina", ITEM, IMH201)
    tool = place.tool
    with tool.database.transaction() as session:
        member = session.execute(
            select(Membership).where(Membership.public_id == visitor.slot)
        ).scalar_one()
        organisation = 1
        learner = frozenset({Role.LEARNER})
        actor = Actor(member.person_id, organisation, member.course_id, member.id, learner)
        visitor = replace(visitor, actor=actor)
        library = instruments_for(session, organisation)
        where = placement_for(session, visitor.actor, visitor.placement)
        portfolio = choose_portfolio(session, visitor.actor, where, library, "portfolio-1")
    handing = Handing(tool, visitor, portfolio, library["portfolio-1"], where)
    handing.make_ready()
    return Case(place, handing)


@ALL
def test_what_is_handed_in_is_pending_and_then_graded(case: Case) -> None:
    submission = case.hand_in()
    cell = case.cell
    assert (cell["value"], cell["activity_progress"], cell["grading_progress"]) == (
        None,
        "Submitted",
        "PendingManual",
    )
    assert "handed in" in cell["comment"]
    assert (case.score.state, case.score.value) == (DeliveryState.DELIVERED, None)
    case.judge(submission, TOTAL, recognised=True)
    cell = case.cell
    assert (cell["value"], cell["activity_progress"], cell["grading_progress"]) == (
        100,
        "Completed",
        "FullyGraded",
    )
    assert cell["comment"] == f"{TOTAL} of {TOTAL} competencies met."
    assert case.taken == 2


@ALL
def test_a_verdict_of_zero_replaces_what_was_pending(case: Case) -> None:
    case.judge(case.hand_in(), 0)
    assert case.cell["value"] == 0
    assert case.cell["grading_progress"] == "FullyGraded"
    case.place.reconcile()
    assert case.taken == 2


@ALL
def test_handing_in_again_erases_no_grade_and_the_next_verdict_replaces_it(case: Case) -> None:
    first = case.hand_in()
    case.give_back(first, 6)
    assert case.cell["value"] == 50
    second = case.hand_in()
    assert case.cell["value"] == 50
    assert case.score.value == 50
    assert case.taken == 2
    case.judge(second, TOTAL, recognised=True)
    assert case.cell["value"] == 100


@pytest.mark.parametrize("profile", ["canvas"])
def test_canvas_counts_a_submission_for_each_time_of_handing_in(case: Case) -> None:
    first = case.hand_in()
    assert case.cell["submissions"] == 1
    case.give_back(first, 6)
    assert case.cell["submissions"] == 1
    assert case.cell["submission"]["new_submission"] is False
    second = case.hand_in()
    case.judge(second, 9)
    assert case.cell["submissions"] == 2
    handed_in = case.cell["submission"]["submitted_at"]
    assert handed_in == second.submitted_at.isoformat(timespec="milliseconds")
    case.judge(second, 10)  # the same work, judged anew
    assert case.cell["submissions"] == 2


@pytest.mark.parametrize("profile", ["canvas"])
def test_an_announcement_whose_answer_was_lost_is_one_submission(case: Case) -> None:
    lost = {"kind": "lost-answer", "scope": "scores", "remaining": 1}
    case.place.control("PUT", "faults", faults=[lost])
    submission = case.hand_in()
    case.judge(submission, 3)
    with case.place.tool.database.transaction() as session:
        services.retry(session, [case.score.id])  # at once, as a tutor may
    case.place.work()
    assert (case.cell["value"], case.cell["submissions"]) == (25, 1)


@ALL
def test_what_was_taken_back_stays_and_says_so(case: Case) -> None:
    submission = case.hand_in()
    case.handing.withdraw(submission.public_id)
    case.place.work()
    assert case.cell["value"] is None
    assert "taken back" in case.cell["comment"]
    again = case.hand_in()
    assert "handed in" in case.cell["comment"]
    case.judge(again, 4)
    assert case.cell["value"] == 33


@ALL
def test_a_grade_that_a_tutor_typed_is_not_erased_by_handing_in(case: Case) -> None:
    case.enter(70, comment="From the interview.")
    submission = case.hand_in()
    assert (case.cell["value"], case.cell["comment"]) == (70, "From the interview.")
    assert case.posts == 0
    assert (case.score.state, case.score.overridden_value) == (DeliveryState.OVERRIDDEN, 70)
    case.judge(submission, 6)
    case.place.reconcile()
    assert case.cell["value"] == 70
    assert case.posts == 0


@ALL
def test_a_grade_that_is_typed_over_what_is_pending_stands(case: Case) -> None:
    submission = case.hand_in()
    case.enter(60)
    case.judge(submission, 6)
    assert case.cell["value"] == 60
    assert (case.score.state, case.score.overridden_value) == (DeliveryState.OVERRIDDEN, 60)
    case.place.control("DELETE", f"lineitems/{COLUMN}/cells/amina")
    case.place.reconcile()
    assert case.cell["value"] == 50


@ALL
def test_a_night_finds_what_was_typed_over_what_is_pending_and_tells_again_once_it_is_gone(
    case: Case,
) -> None:
    case.enter(70)
    case.hand_in()
    case.place.reconcile()
    assert case.score.state == DeliveryState.OVERRIDDEN
    case.place.control("DELETE", f"lineitems/{COLUMN}/cells/amina")
    case.place.reconcile()
    assert case.cell["grading_progress"] == "PendingManual"
    assert case.score.state == DeliveryState.DELIVERED
    posts = case.posts
    case.enter(80)
    case.place.reconcile()
    assert (case.score.state, case.score.overridden_value) == (DeliveryState.OVERRIDDEN, 80)
    assert (case.cell["value"], case.posts) == (80, posts)


@ALL
def test_what_is_pending_is_left_alone_night_after_night(case: Case) -> None:
    case.hand_in()
    for _ in range(3):
        case.place.reconcile()
    assert case.posts == 1
    assert all(column.differing == 0 for column in case.place.columns())


@ALL
def test_nobody_can_insist_on_what_is_pending_over_a_grade(case: Case) -> None:
    case.enter(70)
    case.hand_in()
    with case.place.tool.database.transaction() as session:
        overrides.insist(session, {case.score.placement_id}, case.score.id)
    case.place.work()
    assert (case.cell["value"], case.posts) == (70, 0)
    assert case.score.state == DeliveryState.OVERRIDDEN


@ALL
def test_as_long_as_nobody_may_look_nothing_is_said_that_could_erase(case: Case) -> None:
    case.place.control(
        "PUT", "faults", faults=[{"kind": "503", "scope": "results", "remaining": 1}]
    )
    case.enter(70)
    case.hand_in()
    assert (case.score.state, case.score.reason) == (DeliveryState.RETRYING, "service-unavailable")
    assert (case.cell["value"], case.posts) == (70, 0)
    with case.place.tool.database.transaction() as session:
        services.retry(session, [case.score.id])
    case.place.work()
    assert case.score.state == DeliveryState.OVERRIDDEN


@ALL
def test_a_column_of_other_points_gets_its_grades_again_and_no_announcement(case: Case) -> None:
    case.hand_in()
    with case.place.tool.database.transaction() as session:
        overrides.insist_all(session, case.score.placement_id, "")
    case.place.work()
    assert case.posts == 1
