"""What people do with their goals. Every change is kept, and the last one can be undone."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.training.plans.models import Goal, GoalChange
from lti_tool.training.plans.queries import goal_of
from lti_tool.training.plans.rules import Act, GoalState, GoalView, GoalWish, Tie

_GOALS = table_of(Goal)
_CHANGES = table_of(GoalChange)
_ONCE = re.compile(r"[A-Za-z0-9_-]{16}")


class GoalChanged(Conflict):
    """The goal was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "goal-changed"

    def __init__(self, current: GoalView) -> None:
        super().__init__(
            N_("This goal was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class _Content:
    """All of a goal that a change may touch."""

    what: str
    by_when: date
    offer: str
    training: str
    evidence: str
    state: GoalState
    outcome: str


def make_goal(
    session: Session, actor: Actor, wish: GoalWish, *, tie: Tie | None = None, once: str = ""
) -> GoalView:
    """Stores a new goal of the learner and returns it.

    `once` is the public id that its form was given: a form that is sent twice makes one goal.
    Raises `NotFound` for a competency that the instrument does not have.
    """
    _check_learner(actor)
    lock_person(session, actor.person_id)
    public_id, is_there = once_only(session, actor, Goal, once)
    if is_there and (there := goal_of(session, actor.person_id, public_id)).wish == wish:
        return there
    # A form that came back by the browser's Back button and says something new makes a new one.
    public_id = new_public_id() if is_there else public_id
    instrument, version, code = _competency(session, actor, tie)
    content = _Content(
        wish.what, wish.by_when, wish.offer, wish.training, wish.evidence, GoalState.OPEN, ""
    )
    now = clock.now()
    goal_id = session.execute(
        insert(_GOALS)
        .values(
            **asdict(content),
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            course_id=actor.course_id,
            instrument=instrument,
            instrument_version=version,
            code=code,
            version=1,
            created_at=now,
            changed_at=now,
        )
        .returning(_GOALS.c.id)
    ).scalar_one()
    _note(session, actor, goal_id, 1, Act.MADE, content)
    return goal_of(session, actor.person_id, public_id)


def change_goal(
    session: Session, actor: Actor, public_id: str, wish: GoalWish, *, seen_version: int
) -> GoalView:
    """Stores what the learner wrote of a goal; raises `GoalChanged` when it changed meanwhile."""
    goal = _own(session, actor, public_id)
    return _store(session, actor, goal, Act.CHANGED, seen_version, **asdict(wish))


def finish_goal(
    session: Session, actor: Actor, public_id: str, outcome: str, *, seen_version: int
) -> GoalView:
    """Marks a goal as done, with what showed it; raises `GoalChanged`."""
    goal = _own(session, actor, public_id)
    return _store(
        session, actor, goal, Act.DONE, seen_version, state=GoalState.DONE, outcome=outcome
    )


def drop_goal(session: Session, actor: Actor, public_id: str, *, seen_version: int) -> GoalView:
    """Marks a goal as dropped; it stays on record. Raises `GoalChanged`."""
    goal = _own(session, actor, public_id)
    return _store(session, actor, goal, Act.DROPPED, seen_version, state=GoalState.DROPPED)


def reopen_goal(session: Session, actor: Actor, public_id: str, *, seen_version: int) -> GoalView:
    """Opens a done or dropped goal again; raises `GoalChanged`."""
    goal = _own(session, actor, public_id)
    return _store(session, actor, goal, Act.REOPENED, seen_version, state=GoalState.OPEN)


def undo_goal(session: Session, actor: Actor, public_id: str, *, seen_version: int) -> GoalView:
    """Puts a goal back to what it was before its last change, as a change of its own.

    Raises `GoalChanged`, and `InvalidInput` for a goal that was never changed.
    """
    goal = _own(session, actor, public_id)
    before = session.execute(
        select(_CHANGES.c.after).where(
            _CHANGES.c.goal_id == goal.id, _CHANGES.c.version == seen_version - 1
        )
    ).scalar_one_or_none()
    if before is None:
        raise InvalidInput(N_("There is no change of this goal to undo."), code="nothing-to-undo")
    facts = before | {
        "by_when": date.fromisoformat(before["by_when"]),
        "state": GoalState(before["state"]),
    }
    return _store(session, actor, goal, Act.UNDONE, seen_version, **facts)


def once_only(session: Session, actor: Actor, model: type[Any], once: str) -> tuple[str, bool]:
    """Returns the public id for a new row, and whether this person's form made it before."""
    if not _ONCE.fullmatch(once):
        return new_public_id(), False
    table = table_of(model)
    owner = session.execute(
        select(table.c.person_id).where(table.c.public_id == once)
    ).scalar_one_or_none()
    if owner is None:
        return once, False
    return (once, True) if owner == actor.person_id else (new_public_id(), False)


def _check_learner(actor: Actor) -> None:
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners keep goals and training here."), code="role-not-allowed")


def _own(session: Session, actor: Actor, public_id: str) -> GoalView:
    _check_learner(actor)
    lock_person(session, actor.person_id)
    return goal_of(session, actor.person_id, public_id)


def _competency(session: Session, actor: Actor, tie: Tie | None) -> tuple[str, str, str]:
    """Returns instrument, its version and the code; three times nothing for a free goal."""
    if tie is None:
        return "", "", ""
    instrument = instrument_for(session, actor.organisation_id, tie[0])
    if tie[1] not in instrument.by_code:
        raise NotFound(N_("There is no such competency."), code="code-unknown")
    return instrument.id, instrument.version, tie[1]


def _store(
    session: Session, actor: Actor, goal: GoalView, act: Act, seen_version: int, **facts: Any
) -> GoalView:
    before = _Content(
        goal.what,
        goal.by_when,
        goal.offer,
        goal.training,
        goal.evidence,
        goal.state,
        goal.outcome,
    )
    after = replace(before, **facts)
    if after == before:
        return goal
    if goal.version != seen_version:
        raise GoalChanged(goal)
    now = clock.now()
    done_at = (goal.done_at or now) if after.state is GoalState.DONE else None
    session.execute(
        update(_GOALS)
        .where(_GOALS.c.id == goal.id)
        .values(**asdict(after), version=goal.version + 1, changed_at=now, done_at=done_at)
    )
    _note(session, actor, goal.id, goal.version + 1, act, after)
    return goal_of(session, actor.person_id, goal.public_id)


def _note(
    session: Session, actor: Actor, goal_id: int, version: int, act: Act, content: _Content
) -> None:
    facts = asdict(content) | {
        "by_when": content.by_when.isoformat(),
        "state": content.state.value,
    }
    session.execute(
        insert(_CHANGES).values(
            goal_id=goal_id,
            version=version,
            actor_id=actor.person_id,
            changed_at=clock.now(),
            act=act.value,
            after=facts,
        )
    )
