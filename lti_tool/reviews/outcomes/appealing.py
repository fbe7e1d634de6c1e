"""Appeals: once for a submission, to a moderator who was not involved. Services never commit."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting import services as submitting
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.assessors.withdrawals import tell_of_end
from lti_tool.reviews.models import Appeal
from lti_tool.reviews.outcomes.matters import Matter, matter_of
from lti_tool.reviews.outcomes.rules import (
    AppealCase,
    AppealState,
    Typed,
    appeal_until,
    why_no_appeal,
)
from lti_tool.reviews.queries import terms_of
from lti_tool.reviews.rules import Act, By, Overall, ReviewState
from lti_tool.reviews.services import hold, move

_APPEALS = table_of(Appeal)


def appeal_case(session: Session, matter: Matter, zone: ZoneInfo) -> AppealCase | None:
    """Returns what decides whether an appeal may be made; None before there is an outcome.

    Days are those of the installation's zone.
    """
    if not matter.outcomes:
        return None
    newest = matter.outcomes[-1]
    submission = matter.submission
    days = terms_of(session, submission.organisation_id).appeal_days
    decisive = standing_of(session, submission.portfolio_id).decisive
    return AppealCase(
        newest.overall,
        appeal_until(newest.released_at.astimezone(zone).date(), days),
        was_made=matter.appeal is not None,
        is_newest=decisive is not None and decisive.id == submission.id,
    )


def make_appeal(
    session: Session, actor: Actor, submission: SubmissionView, reason: Typed, zone: ZoneInfo
) -> None:
    """Stores an appeal, takes the submission up again, and looks for a moderator for it.

    What the learner wrote since, as for more evidence, stays as it is. Raises `InvalidInput`
    without a reason, `Conflict` where an appeal cannot be made (any more).
    """
    matter = _held(session, actor, submission)
    if matter.is_appealed:
        return  # a second click
    why_not = _why_not(session, matter, zone)
    if why_not:
        raise Conflict(
            why_not, code="no-appeal", advice=N_("Talk to your tutor if something is still open.")
        )
    if reason.problem:
        raise InvalidInput(reason.problem, code="reason-wrong")
    if not submitting.reopen(session, matter.submission.id):
        raise Conflict(N_("This submission is in review already."), code="in-review")
    session.execute(
        insert(_APPEALS).values(
            public_id=new_public_id(),
            organisation_id=matter.submission.organisation_id,
            submission_id=matter.submission.id,
            outcome_id=matter.outcomes[-1].id,
            person_id=actor.person_id,
            reason=reason.text,
            state=AppealState.MADE.value,
            made_at=clock.now(),
            decided_at=None,
        )
    )
    log.write(session, matter.submission.id, Act.APPEALED, By.LEARNER, person_id=actor.person_id)
    allocate(session, matter.submission.id)


def withdraw_appeal(session: Session, actor: Actor, submission: SubmissionView) -> None:
    """Takes an appeal back: the outcome stands again as it was. A second time changes nothing.

    Raises `Conflict` from when its reading has begun.
    """
    matter = _held(session, actor, submission)
    appeal, reading = matter.appeal, matter.decider
    if appeal is None or not matter.outcomes:
        raise NotFound(N_("There is no appeal here."), code="appeal-unknown")
    if appeal.state is AppealState.WITHDRAWN:
        return
    if not may_withdraw(matter):
        raise Conflict(
            N_("Your appeal is being read, so it cannot be taken back any more."),
            code="appeal-begun",
            advice=N_("You will be told what it came to."),
        )
    session.execute(
        update(_APPEALS)
        .where(_APPEALS.c.id == appeal.id)
        .values(state=AppealState.WITHDRAWN.value, decided_at=clock.now())
    )
    _stand_again(session, matter)
    log.write(
        session, matter.submission.id, Act.APPEAL_WITHDRAWN, By.LEARNER, person_id=actor.person_id
    )
    if reading is not None:
        move(session, reading, ReviewState.ENDED)
        tell_of_end(session, matter.submission, [reading])


def may_withdraw(matter: Matter) -> bool:
    """Says whether the appeal can still be taken back: until its reading begins."""
    reading = matter.decider
    return matter.is_appealed and (reading is None or reading.state is ReviewState.ALLOCATED)


def today_in(zone: ZoneInfo) -> date:
    """Returns today's date in a zone."""
    return clock.now().astimezone(zone).date()


def _why_not(session: Session, matter: Matter, zone: ZoneInfo) -> str:
    case = appeal_case(session, matter, zone)
    if case is None:
        return N_("There is no outcome yet to appeal against.")
    return why_no_appeal(case, today_in(zone))


def _stand_again(session: Session, matter: Matter) -> None:
    found = matter.outcomes[-1].decision
    if found.overall is Overall.MORE_EVIDENCE:
        submitting.return_for_more(session, matter.submission.id, found.reopened)
    else:
        submitting.close(session, matter.submission.id, recognised=False)


def _held(session: Session, actor: Actor, submission: SubmissionView) -> Matter:
    if submission.person_id != actor.person_id:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return matter_of(session, hold(session, submission.id))
