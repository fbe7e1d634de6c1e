"""What a new placement takes over: from the plan that it was made for, or the link it is a copy of.

A copied course starts anew: it has its own memberships, scores, columns and dates, and takes over
nothing but how its activities are set up. What people answered belongs to them and not to a
course: whoever is a learner in both finds their own answers again, as in any second course, and
whoever is new begins with none.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Placement, PlannedPlacement
from lti_tool.courses.rules import BY_HAND, Enrolment
from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of

_PLACEMENTS = table_of(Placement)
_COURSES = table_of(Course)
_PLANS = table_of(PlannedPlacement)
# More copies of one link than this are not looked at.
_MOST = 200


def taken_over(session: Session, enrolment: Enrolment, placement: Row[Any]) -> dict[str, Any]:
    """Returns the columns that a placement gets from its plan and its origin, perhaps none.

    Only what belongs to the launch's organisation counts; an id of another one, or of nothing,
    is as if it were not there. A set-up that a tutor changed by hand comes along as theirs, so
    that the custom parameters of the first day do not undo it in the copy.
    """
    if not enrolment.context_history:
        enrolment = replace(enrolment, context_history=tuple(enrolment.noticed_origins()))
    plan = _plan(session, enrolment)
    origin = _origin(session, enrolment, placement)
    found: dict[str, Any] = {}
    if plan is not None:
        found |= {
            "planned": plan.public_id,
            "points": plan.points,
            "grade_parts": plan.grade_parts,
        }
        if not enrolment.set_up.is_done:
            found |= _set_up(plan)
    if origin is not None:
        found |= {"points": origin.points or found.get("points")} | _milestones(origin)
        if origin.planned:
            found.setdefault("planned", origin.planned)
        if origin.instrument and (origin.set_up_by == BY_HAND or not enrolment.set_up.is_done):
            found |= _set_up(origin) | {"set_up_by": origin.set_up_by}
    return found


def _set_up(row: Row[Any]) -> dict[str, Any]:
    return {"instrument": row.instrument, "domains": row.domains, "grade_rule": row.grade_rule}


def _milestones(origin: Row[Any]) -> dict[str, Any]:
    """A day that is over belongs to the course that was copied: it is left behind."""
    is_ahead = origin.snapshot_on is not None and origin.snapshot_on > clock.now().date()
    return {
        "snapshot_on": origin.snapshot_on if is_ahead else None,
        "asks_looking_back": origin.asks_looking_back,
        "grade_parts": origin.grade_parts,
    }


def _plan(session: Session, enrolment: Enrolment) -> Row[Any] | None:
    if not enrolment.copied_from:
        return None
    return session.execute(
        select(_PLANS).where(
            _PLANS.c.public_id == enrolment.copied_from,
            _PLANS.c.organisation_id == enrolment.organisation_id,
        )
    ).first()


def _origin(session: Session, enrolment: Enrolment, placement: Row[Any]) -> Row[Any] | None:
    """Returns the placement that this one is a copy of.

    By the LMS's history of the link first, then by that of the course. Where it offers neither,
    as Moodle does for links, the placements of the same plan are left: those of the same course
    first, as a link is duplicated there, then the one that a tutor set up last.
    """
    by_link = (_COURSES.c.registration_id == enrolment.registration_id) & (
        _PLACEMENTS.c.resource_link.in_(enrolment.link_history)
    )
    ways: list[Any] = [by_link] if enrolment.link_history else []
    if enrolment.copied_from:
        ways += [
            _PLACEMENTS.c.public_id == enrolment.copied_from,
            _PLACEMENTS.c.planned == enrolment.copied_from,
        ]
    if not ways:
        return None
    rows: Sequence[Any] = session.execute(
        select(*_PLACEMENTS.c, _COURSES.c.context, _COURSES.c.registration_id)
        .join(_COURSES, _COURSES.c.id == _PLACEMENTS.c.course_id)
        .where(
            _COURSES.c.organisation_id == enrolment.organisation_id,
            _PLACEMENTS.c.id != placement.id,
            or_(*ways),
        )
        .order_by(_PLACEMENTS.c.id.desc())
        .limit(_MOST)
    ).all()
    return min(rows, key=lambda row: _distance(row, enrolment, placement), default=None)


def _distance(row: Any, enrolment: Enrolment, placement: Row[Any]) -> tuple[float, ...]:
    is_here = row.registration_id == enrolment.registration_id
    return (
        _rank(row.resource_link, enrolment.link_history if is_here else ()),
        _rank(row.context, enrolment.context_history if is_here else ()),
        row.public_id != enrolment.copied_from,
        row.course_id != placement.course_id,
        -(row.set_up_at.timestamp() if row.set_up_at else 0.0),
        -row.id,
    )


def _rank(name: str, history: Sequence[str]) -> int:
    return history.index(name) if name in history else len(history)
