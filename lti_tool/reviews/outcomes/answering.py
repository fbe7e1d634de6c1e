"""What a learner does with an outcome: read it, and answer the feedback. Services never commit."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.models import Outcome, OutcomeAnswer, ReviewEvent
from lti_tool.reviews.outcomes.queries import OutcomeView, answers_of, outcomes_of
from lti_tool.reviews.outcomes.rules import Answer, Typed
from lti_tool.reviews.queries import assessors_by_id, readings_of
from lti_tool.reviews.rules import Act, By
from lti_tool.reviews.services import hold, title_of

_OUTCOMES = table_of(Outcome)
_ANSWERS = table_of(OutcomeAnswer)
_EVENTS = table_of(ReviewEvent)


class AnswerChanged(Conflict):
    """The answer was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "changed-elsewhere"

    def __init__(self, answer: Answer) -> None:
        super().__init__(
            N_("This answer was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.answer = answer


def note_seen(session: Session, outcome: OutcomeView) -> None:
    """Notes when the learner first saw an outcome."""
    if outcome.seen_at is None:
        session.execute(
            update(_OUTCOMES)
            .where(_OUTCOMES.c.id == outcome.id, _OUTCOMES.c.seen_at.is_(None))
            .values(seen_at=clock.now())
        )


def save_answer(
    session: Session, actor: Actor, submission: SubmissionView, code: str, wish: tuple[Typed, int]
) -> Answer:
    """Stores an answer to the feedback for a competency, or to the summary (code "").

    `wish` is what was typed, and the version that the learner saw. Returns what is on record.
    Raises `AnswerChanged`, and stores nothing, when the learner saw another version and the texts
    differ; `InvalidInput` for a text that cannot be kept; `NotFound` where there is nothing to
    answer.
    """
    typed, seen = wish
    now = _held(session, actor, submission)
    outcomes = outcomes_of(session, now.id)
    if not outcomes or (code and code not in outcomes[-1].decision.findings):
        raise NotFound(N_("There is no feedback here to answer."), code="feedback-unknown")
    if typed.problem:
        raise InvalidInput(typed.problem, code="answer-wrong")
    outcome = outcomes[-1]
    before = answers_of(session, outcome.id).get(code, Answer())
    if before.text == typed.text:
        return before
    if before.version != seen:
        raise AnswerChanged(before)
    after = Answer(typed.text, before.version + 1)
    values = {"text": after.text, "version": after.version, "changed_at": clock.now()}
    if before.version:
        session.execute(
            update(_ANSWERS)
            .where(_ANSWERS.c.outcome_id == outcome.id, _ANSWERS.c.code == code)
            .values(**values)
        )
    else:
        session.execute(insert(_ANSWERS).values(outcome_id=outcome.id, code=code, **values))
        _note(session, actor, now, outcome, code)
    return after


def _held(session: Session, actor: Actor, submission: SubmissionView) -> SubmissionView:
    if submission.person_id != actor.person_id:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return hold(session, submission.id)


def _note(
    session: Session, actor: Actor, submission: SubmissionView, outcome: OutcomeView, code: str
) -> None:
    """A line for the first answer to each piece of feedback; whoever read is told once."""
    is_first = not session.execute(
        select(_EVENTS.c.id)
        .where(_EVENTS.c.submission_id == submission.id, _EVENTS.c.act == Act.ANSWERED.value)
        .limit(1)
    ).first()
    log.write(
        session,
        submission.id,
        Act.ANSWERED,
        By.LEARNER,
        person_id=actor.person_id,
        details={"code": code, "number": outcome.number},
    )
    if not is_first:
        return
    readings = readings_of(session, submission.id)
    people = assessors_by_id(session, [one.assessor_id for one in readings])
    tell(
        session,
        [
            Telling(
                person_id=people[one.assessor_id].person_id,
                organisation_id=submission.organisation_id,
                kind=Kind.ANSWER_GIVEN,
                reference=f"answer:{one.public_id}",
                endpoint="decisions.decision",
                link={"review": one.public_id},
                params={"title": title_of(session, submission)},
            )
            for one in readings
        ],
    )
