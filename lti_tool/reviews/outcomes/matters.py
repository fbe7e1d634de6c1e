"""A submission on its way from readings to an outcome: how far it is, and what it comes to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import SubmissionTask
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.log import lines_of
from lti_tool.reviews.models import Finding, Review
from lti_tool.reviews.outcomes.queries import AppealView, OutcomeView, appeal_of, outcomes_of
from lti_tool.reviews.outcomes.rules import (
    AppealState,
    Decision,
    Difference,
    Progress,
    Reading,
    Step,
    Whose,
    decision,
    difference,
    step_of,
)
from lti_tool.reviews.queries import readers_wanted, readings_of
from lti_tool.reviews.rules import Act, Part, ReviewState, ReviewView, Verdict

_TASKS = table_of(SubmissionTask)
_FINDINGS = table_of(Finding)
_REVIEWS = table_of(Review)


@dataclass(frozen=True, slots=True)
class Matter:
    """A submission with its readings, as far as they are done.

    `codes` are all of the instrument, in its order; `accepted` says in which earlier submission
    a competency was met. `decider` reads instead of the readers: a moderator, or for an appeal.
    `found` holds what each reading says, by its number. `compared` says whether both readers
    have decided apart, so that from now on each may see what the other says.
    """

    submission: SubmissionView
    codes: tuple[str, ...]
    accepted: Mapping[str, int]
    readers: tuple[ReviewView, ...]
    decider: ReviewView | None
    outcomes: tuple[OutcomeView, ...]
    appeal: AppealView | None
    found: Mapping[int, Reading]
    apart: Difference | None
    compared: bool
    step: Step

    @property
    def to_read(self) -> tuple[str, ...]:
        """The codes that are judged this time."""
        return tuple(code for code in self.codes if code not in self.accepted)

    @property
    def is_appealed(self) -> bool:
        return self.appeal is not None and self.appeal.state is AppealState.MADE

    @property
    def number(self) -> int:
        """The number of the outcome that this is about."""
        return 2 if self.appeal and self.appeal.state is not AppealState.WITHDRAWN else 1

    @property
    def outcome(self) -> OutcomeView | None:
        """The outcome that this is about, once it is released."""
        return next((one for one in self.outcomes if one.number == self.number), None)

    def other(self, review: ReviewView) -> ReviewView | None:
        """Returns the other reader's reading, where it may be seen and is done."""
        if not self.compared:
            return None
        others = [one for one in self.readers if one.id != review.id]
        return next((one for one in others if one.state is ReviewState.DONE), None)

    def may_release(self, review: ReviewView) -> bool:
        """Says whether the assessor of this reading can release what it comes to."""
        if self.step is not Step.READY:
            return False
        if self.decider is not None:
            return review.id == self.decider.id
        return review.id in {one.id for one in self.readers}

    def comes_to(self, review: ReviewView, whose: Whose = Whose.BOTH) -> Decision:
        """Returns what the learner would get, in whose words the one who releases it wants."""
        if self.decider is not None:
            return decision([self.found[self.decider.id]], self.codes, self.accepted)
        mine = [self.found[one.id] for one in self.readers if one.id == review.id]
        theirs = [self.found[one.id] for one in self.readers if one.id != review.id]
        # In the same order for both, so that both see the same.
        both = [self.found[one.id] for one in self.readers]
        said = {Whose.BOTH: both, Whose.MINE: mine, Whose.THEIRS: theirs}[whose]
        return decision(said or both, self.codes, self.accepted)


def matter_of(session: Session, submission: SubmissionView) -> Matter:
    """Returns how far a submission is, in a constant number of statements."""
    tasks = session.execute(
        select(_TASKS.c.code, _TASKS.c.accepted_in)
        .where(_TASKS.c.submission_id == submission.id)
        .order_by(_TASKS.c.place)
    ).all()
    accepted = {row.code: row.accepted_in for row in tasks if row.accepted_in is not None}
    codes = tuple(row.code for row in tasks)
    standing = readings_of(session, submission.id)
    appeal = appeal_of(session, submission.id)
    outcomes = tuple(outcomes_of(session, submission.id))
    is_under_appeal = appeal is not None and appeal.state is not AppealState.WITHDRAWN
    acts = [Act(line.act) for line in lines_of(session, submission.id)]
    is_sent = is_under_appeal or Act.SENT_TO_MODERATOR in acts
    readers = tuple(one for one in standing if one.part is Part.READER)
    part = Part.APPEAL if is_under_appeal else Part.MODERATOR
    decider = next((one for one in standing if one.part is part), None)
    found = _found(session, standing)
    to_read = [code for code in codes if code not in accepted]
    done = [one for one in readers if one.state is ReviewState.DONE]
    apart = difference([found[one.id] for one in done], to_read) if len(done) > 1 else None
    step = step_of(
        Progress(
            readers_wanted=max(readers_wanted(session, submission), len(readers)),
            readers_done=len(done),
            is_different=apart is not None and not apart.is_none,
            with_moderator=is_sent or decider is not None,
            decider_done=decider is not None and decider.state is ReviewState.DONE,
            released=len(outcomes) > is_under_appeal,
        )
    )
    return Matter(
        submission=submission,
        codes=codes,
        accepted=accepted,
        readers=readers,
        decider=decider,
        outcomes=outcomes,
        appeal=appeal,
        found=found,
        apart=apart,
        compared=_compared(session, readers),
        step=step,
    )


def seal_of(found: Decision) -> str:
    """Returns a digest of what a page shows, so that nothing else is released than was seen."""
    said: list[Any] = [found.overall.value, found.summary, sorted(found.findings.items())]
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _compared(session: Session, readers: tuple[ReviewView, ...]) -> bool:
    """Both have decided once before they could see the other's: it is kept on their readings."""
    if len(readers) < 2:
        return False
    decided = select(func.count()).where(
        _REVIEWS.c.id.in_([one.id for one in readers]), _REVIEWS.c.first_verdict != ""
    )
    return session.execute(decided).scalar_one() == len(readers)


def _found(session: Session, readings: list[ReviewView]) -> dict[int, Reading]:
    verdicts: dict[int, dict[str, Verdict]] = {one.id: {} for one in readings}
    feedback: dict[int, dict[str, str]] = {one.id: {} for one in readings}
    if readings:
        rows = session.execute(
            select(
                _FINDINGS.c.review_id, _FINDINGS.c.code, _FINDINGS.c.verdict, _FINDINGS.c.feedback
            ).where(_FINDINGS.c.review_id.in_(list(verdicts)))
        )
        for row in rows:
            verdicts[row.review_id][row.code] = Verdict(row.verdict)
            feedback[row.review_id][row.code] = row.feedback
    return {
        one.id: Reading(one.verdict, one.summary, verdicts[one.id], feedback[one.id])
        for one in readings
    }
