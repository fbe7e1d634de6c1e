"""Inviting a witness, taking in what they say, withdrawing, removing. Services never commit."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest, new_public_id, new_token
from lti_tool.kernel.text import N_
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.services import note_changes
from lti_tool.portfolios.models import Portfolio, PortfolioChoice
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.statements.queries import statement_of
from lti_tool.portfolios.statements.rules import (
    MOST_OF_A_TASK,
    UNDO_FOR,
    Invitation,
    StatementView,
)
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.services import check_open

_STATEMENTS = table_of(WitnessStatement)
_CASES = table_of(ConfidentialityCase)
_SUBMISSIONS = table_of(Submission)
_CHOICES = table_of(PortfolioChoice)
_PORTFOLIOS = table_of(Portfolio)
_ONCE = re.compile(r"[\w-]{16,32}", re.ASCII)
PURGED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was just made or renewed. `token` is for the link, and is kept nowhere."""

    statement: StatementView
    token: str


def invite(
    session: Session, actor: Actor, task: Task, invitation: Invitation, once: str
) -> Invited:
    """Stores an invitation for a task and returns it with its link's token.

    `once` is the name that the form brought: sent twice, it makes one invitation. Raises
    `AlreadyInvited` then, `Conflict` with too many for the task or while it is handed in,
    `NotAllowed` to anybody but the portfolio's owner.
    """
    _enter(session, actor, task)
    name = once if _ONCE.fullmatch(once) else new_public_id()
    if session.execute(select(_STATEMENTS.c.id).where(_STATEMENTS.c.public_id == name)).first():
        raise AlreadyInvited
    check_open(session, task.portfolio.id, task.code)
    _check_room(session, task)
    token = new_token()
    session.execute(
        insert(_STATEMENTS).values(
            public_id=name,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            portfolio_id=task.portfolio.id,
            code=task.code,
            token_digest=digest(token),
            invited_name=invitation.invited_name,
            ask=invitation.ask,
            shows_account=invitation.shows_account,
            invited_at=clock.now(),
            ends_at=invitation.ends_at,
            name="",
            role="",
            text="",
            words=0,
            account_version=0,
        )
    )
    return Invited(statement_of(session, task.portfolio.id, task.code, name), token)


class AlreadyInvited(Conflict):
    """The same form came a second time: its invitation is there, and its link was shown."""

    code = "already-invited"

    def __init__(self) -> None:
        super().__init__(
            N_("This was sent already."),
            advice=N_("The link was shown once. Renew the invitation for a new one."),
        )


def renew(
    session: Session,
    actor: Actor,
    task: Task,
    public_id: str,
    *,
    ends_at: datetime,
    seen: str,
) -> Invited:
    """Gives an invitation a new link and a new last day; the old link leads nowhere from now on.

    `seen` is when the link was made that the form was about: sent twice, it renews once. Raises
    `AlreadyInvited` then, `NotFound`, and as `invite` does.
    """
    _enter(session, actor, task)
    found = _present(session, task, public_id)
    check_open(session, task.portfolio.id, task.code)
    if found.invited_at.isoformat() != seen:
        raise AlreadyInvited
    token = new_token()
    _change(
        session,
        found,
        token_digest=digest(token),
        invited_at=clock.now(),
        ends_at=ends_at,
        withdrawn_at=None,
        opened_at=None,
    )
    return Invited(statement_of(session, task.portfolio.id, task.code, public_id), token)


def withdraw(session: Session, actor: Actor, task: Task, public_id: str) -> None:
    """Closes a link at once; doing it twice changes nothing. What was given stays.

    At any time, since it is about who may read what. Raises `NotFound`, `NotAllowed`.
    """
    _enter(session, actor, task)
    found = _present(session, task, public_id)
    if found.withdrawn_at is None:
        _change(session, found, withdrawn_at=clock.now())


def remove(session: Session, actor: Actor, task: Task, public_id: str) -> None:
    """Leaves a statement out, and closes its link; it can be had back.

    Raises `NotFound`, `NotAllowed`, and `Conflict` for one that was given, while it is handed in.
    """
    _enter(session, actor, task)
    found = statement_of(session, task.portfolio.id, task.code, public_id)
    if found.removed_at is None:
        _remove(session, actor, found, clock.now())


def restore(session: Session, actor: Actor, task: Task, public_id: str) -> None:
    """Brings a removed statement back, with its link. Raises as `remove` does."""
    _enter(session, actor, task)
    found = statement_of(session, task.portfolio.id, task.code, public_id)
    if found.removed_at is not None:
        _remove(session, actor, found, None)


def purge_statements(session: Session) -> int:
    """Forgets statements that were removed long ago, but for those that somebody may need.

    These are what a report is about, and what was given before a hand-in, which may have frozen
    it. Returns how many went. For a worker's round.
    """
    handed_in = exists().where(
        _SUBMISSIONS.c.portfolio_id == _STATEMENTS.c.portfolio_id,
        _SUBMISSIONS.c.submitted_at >= _STATEMENTS.c.confirmed_at,
    )
    old = (
        session.execute(
            select(_STATEMENTS.c.id)
            .where(
                _STATEMENTS.c.removed_at <= clock.now() - UNDO_FOR,
                ~exists().where(_CASES.c.statement_id == _STATEMENTS.c.id),
                ~handed_in,
            )
            .limit(PURGED_AT_ONCE)
        )
        .scalars()
        .all()
    )
    session.execute(delete(_STATEMENTS).where(_STATEMENTS.c.id.in_(old)))
    return len(old)


def _enter(session: Session, actor: Actor, task: Task) -> None:
    if not actor.is_learner or task.portfolio.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner invites witnesses."), code="role-not-allowed")
    lock_person(session, actor.person_id)


def _check_room(session: Session, task: Task) -> None:
    there = select(func.count()).select_from(_STATEMENTS)
    there = there.where(
        _STATEMENTS.c.portfolio_id == task.portfolio.id,
        _STATEMENTS.c.code == task.code,
        _STATEMENTS.c.removed_at.is_(None),
    )
    if session.execute(there).scalar_one() >= MOST_OF_A_TASK:
        raise Conflict(
            N_("This task has %(most)s invitations already, and that is the most there can be."),
            code="too-many-invitations",
            advice=N_("Remove one that nobody needs any more, then invite again."),
            params={"most": MOST_OF_A_TASK},
        )


def _present(session: Session, task: Task, public_id: str) -> StatementView:
    found = statement_of(session, task.portfolio.id, task.code, public_id)
    if found.removed_at is not None:
        raise NotFound(
            N_("This invitation was removed."),
            code="statement-removed",
            advice=N_("Bring it back first, or invite anew."),
        )
    return found


def _remove(session: Session, actor: Actor, found: StatementView, at: datetime | None) -> None:
    if found.is_given:
        check_open(session, found.portfolio_id, found.code)
    _change(session, found, removed_at=at)
    note_changes(session, actor.person_id, statement_id=found.id)


def _change(session: Session, found: StatementView, **values: object) -> None:
    session.execute(update(_STATEMENTS).where(_STATEMENTS.c.id == found.id).values(**values))
