"""Adding evidence, saying what it is, which tasks it serves, removing it. Services never commit."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.portfolios.cases.services import note_changes
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.evidence.queries import evidence_of, evidence_with_file
from lti_tool.portfolios.evidence.rules import (
    HAD_BACK_FOR,
    MOST_FOR_A_TASK,
    EvidenceView,
    Told,
    title_of,
    unknown,
)
from lti_tool.portfolios.rules import Declaration
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.services import check_open
from lti_tool.storage.queries import FileView

_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)


class EvidenceChanged(Conflict):
    """What is said of a piece was changed meanwhile, in another tab. Holds what is on record."""

    code = "evidence-changed"

    def __init__(self, current: EvidenceView) -> None:
        super().__init__(
            N_("What you said of this file was changed in another tab or on another device."),
            advice=N_("Look at both. Save again to keep yours."),
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class ForTask:
    """An upload that becomes evidence for a task; see `storage.uploads.finishing.Purpose`."""

    actor: Actor
    task: Task

    def check(self, session: Session) -> None:
        """Raises as `add_evidence` does, before the file is on record."""
        check_task(session, self.actor, self.task)

    def note(self, session: Session, file: FileView) -> None:
        """Makes the file a piece of evidence for the task."""
        add_evidence(session, self.actor, self.task, file)


def check_task(session: Session, actor: Actor, task: Task) -> None:
    """Takes the person's lock, and raises where nothing may be added to a task.

    `NotAllowed` for anyone but its owner, `NotFound` for a task that the portfolio does not
    have, `Conflict` where it is handed in.
    """
    if not actor.is_learner or task.portfolio.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner adds to a portfolio."), code="role-not-allowed")
    if task.code not in task.asked.by_code:
        raise NotFound(N_("This portfolio has no such task."), code="code-unknown")
    lock_person(session, actor.person_id)
    check_open(session, task.portfolio.id, task.code)


def add_evidence(session: Session, actor: Actor, task: Task, file: FileView) -> EvidenceView:
    """Makes one of the actor's files evidence for a task, and returns it.

    A file is one piece: where it is evidence already, that piece now serves this task as well.
    Raises as `check_task` does, and `NotAllowed` where the task has all that it may have.
    """
    check_task(session, actor, task)
    if file.person_id != actor.person_id:
        raise unknown()
    there = evidence_with_file(session, file.id)
    if there is not None:
        return _served_too(session, actor, there, task)
    public_id = new_public_id()
    evidence_id = session.execute(
        insert(_EVIDENCE)
        .values(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            file_id=file.id,
            title=title_of(file.name),
            alt="",
            declaration=Declaration.NONE.value,
            created_at=clock.now(),
        )
        .returning(_EVIDENCE.c.id)
    ).scalar_one()
    _link(session, evidence_id, task)
    return evidence_of(session, actor.person_id, public_id)


def change_evidence(
    session: Session, actor: Actor, public_id: str, wish: Told, *, seen: str
) -> EvidenceView:
    """Stores what its owner says of a piece and returns it; `seen` is the mark that they saw.

    Raises `EvidenceChanged` when something else is on record by now, `Conflict` when all tasks
    that it serves are handed in, `NotFound`.
    """
    piece = _own(session, actor, public_id)
    if (piece.title, piece.alt, piece.declaration) == (wish.title, wish.alt, wish.declaration):
        return piece
    _check_one_open(session, piece)
    if piece.mark != seen:
        raise EvidenceChanged(piece)
    values: dict[str, object] = {
        "title": wish.title,
        "alt": wish.alt,
        "declaration": wish.declaration.value,
    }
    if wish.declaration != piece.declaration:
        is_none = wish.declaration is Declaration.NONE
        values["declared_at"] = None if is_none else clock.now()
    session.execute(update(_EVIDENCE).where(_EVIDENCE.c.id == piece.id).values(**values))
    return evidence_of(session, actor.person_id, public_id)


def link(session: Session, actor: Actor, public_id: str, task: Task) -> EvidenceView:
    """Lets a piece serve a task as well; nothing happens when it does. Raises as `add_evidence`."""
    check_task(session, actor, task)
    return _served_too(session, actor, evidence_of(session, actor.person_id, public_id), task)


def unlink(session: Session, actor: Actor, public_id: str, task: Task) -> EvidenceView:
    """Takes a piece off a task; the piece stays, even when it serves no other."""
    check_task(session, actor, task)
    piece = evidence_of(session, actor.person_id, public_id)
    session.execute(
        delete(_LINKS).where(
            _LINKS.c.evidence_id == piece.id,
            _LINKS.c.portfolio_id == task.portfolio.id,
            _LINKS.c.code == task.code,
        )
    )
    note_changes(session, actor.person_id, evidence_id=piece.id)
    return evidence_of(session, actor.person_id, public_id)


def carry_links(session: Session, source: int, portfolio: int, codes: Mapping[str, str]) -> int:
    """Lets the evidence of tasks of one portfolio serve tasks of another; returns how many links.

    `codes` gives by the code here the code there. The caller holds the person's lock, and has
    checked that both are theirs and that the tasks here are open.
    """
    rows = session.execute(
        select(_LINKS.c.evidence_id, _LINKS.c.code)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(_LINKS.c.portfolio_id == source, _EVIDENCE.c.removed_at.is_(None))
        .order_by(_LINKS.c.id)
    ).all()
    added = [
        {"evidence_id": row.evidence_id, "portfolio_id": portfolio, "code": code}
        for code, there in codes.items()
        for row in rows
        if row.code == there
    ]
    for key in added:
        session.execute(
            insert_into(session, _LINKS)
            .values(**key, added_at=clock.now())
            .on_conflict_do_nothing(index_elements=list(key))
        )
    return len(added)


def remove(session: Session, actor: Actor, public_id: str) -> EvidenceView:
    """Removes a piece from every task; for a day it can be had back.

    Its file goes after that, unless a submission has it. Raises `Conflict` when it serves a task
    that is handed in, `NotFound`.
    """
    piece = _own(session, actor, public_id)
    for served in piece.tasks:
        check_open(session, served.portfolio_id, served.code)
    session.execute(
        update(_EVIDENCE).where(_EVIDENCE.c.id == piece.id).values(removed_at=clock.now())
    )
    note_changes(session, actor.person_id, evidence_id=piece.id)
    return evidence_of(session, actor.person_id, public_id, removed_too=True)


def restore(session: Session, actor: Actor, public_id: str) -> EvidenceView:
    """Brings a removed piece back to the tasks that it served, but to none handed in meanwhile.

    Raises `NotFound` when it is gone.
    """
    _check_learner(actor)
    lock_person(session, actor.person_id)
    piece = evidence_of(session, actor.person_id, public_id, removed_too=True)
    if piece.removed_at is None:
        return piece
    if piece.removed_at <= clock.now() - HAD_BACK_FOR:
        raise unknown()
    for served in piece.tasks:
        if not standing_of(session, served.portfolio_id).is_open(served.code):
            session.execute(
                delete(_LINKS).where(
                    _LINKS.c.evidence_id == piece.id,
                    _LINKS.c.portfolio_id == served.portfolio_id,
                    _LINKS.c.code == served.code,
                )
            )
    session.execute(update(_EVIDENCE).where(_EVIDENCE.c.id == piece.id).values(removed_at=None))
    note_changes(session, actor.person_id, evidence_id=piece.id)
    return evidence_of(session, actor.person_id, public_id)


def _check_learner(actor: Actor) -> None:
    if not actor.is_learner:
        raise NotAllowed(N_("Only its owner adds to a portfolio."), code="role-not-allowed")


def _own(session: Session, actor: Actor, public_id: str) -> EvidenceView:
    _check_learner(actor)
    lock_person(session, actor.person_id)
    return evidence_of(session, actor.person_id, public_id)


def _served_too(session: Session, actor: Actor, piece: EvidenceView, task: Task) -> EvidenceView:
    if piece.removed_at is not None:
        restore(session, actor, piece.public_id)
    _link(session, piece.id, task)
    note_changes(session, actor.person_id, evidence_id=piece.id)
    return evidence_of(session, actor.person_id, piece.public_id)


def _link(session: Session, evidence_id: int, task: Task) -> None:
    key = {"evidence_id": evidence_id, "portfolio_id": task.portfolio.id, "code": task.code}
    session.execute(
        insert_into(session, _LINKS)
        .values(**key, added_at=clock.now())
        .on_conflict_do_nothing(index_elements=list(key))
    )
    count = session.execute(
        select(func.count())
        .select_from(_LINKS)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(
            _LINKS.c.portfolio_id == task.portfolio.id,
            _LINKS.c.code == task.code,
            _EVIDENCE.c.removed_at.is_(None),
        )
    ).scalar_one()
    if count > MOST_FOR_A_TASK:
        raise NotAllowed(
            N_("A task can have %(limit)s pieces of evidence."),
            code="evidence-too-many",
            advice=N_("Take one off this task first. Few that say much serve you best."),
            params={"limit": MOST_FOR_A_TASK},
        )


def _check_one_open(session: Session, piece: EvidenceView) -> None:
    """Raises `Conflict` where every task that a piece serves is handed in."""
    for served in piece.tasks:
        if standing_of(session, served.portfolio_id).is_open(served.code):
            return
    for served in piece.tasks:
        check_open(session, served.portfolio_id, served.code)
