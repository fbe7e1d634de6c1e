"""Reading of what came through registrations: a fixed number of statements for any number of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Result, Row, and_, case, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Membership, Placement
from lti_tool.gateway.organisation.connections import NO_TRAFFIC, Traffic
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState

_WAITING = (DeliveryState.WAITING.value, DeliveryState.RETRYING.value)


@dataclass(frozen=True, slots=True)
class AllTraffic:
    """Traffic by registration, and by registration and deployment."""

    whole: dict[int, Traffic]
    through: dict[tuple[int, str], Traffic]


def traffic_of(session: Session, numbers: Collection[int]) -> AllTraffic:
    """Returns the traffic of these registrations and of each of their deployments."""
    through: dict[tuple[int, str], Traffic] = {}
    whole: dict[int, Traffic] = {}
    for row in _launches(session, numbers, Course.registration_id, Course.deployment):
        through[row.registration_id, row.deployment] = _came(row)
    # A person may come through several deployments, so the whole is counted by itself.
    for row in _launches(session, numbers, Course.registration_id):
        whole[row.registration_id] = _came(row)
    for row in _scores(session, numbers):
        key = (row.registration_id, row.deployment)
        through[key] = _with_grades(through.get(key, NO_TRAFFIC), row)
        whole[key[0]] = _with_grades(whole.get(key[0], NO_TRAFFIC), row)
    return AllTraffic(whole, through)


def said_by_launches(
    session: Session, numbers: Collection[int]
) -> tuple[dict[int, set[str]], set[int]]:
    """Returns the scopes that launches carried, and the registrations that told of a roster."""
    scopes: dict[int, set[str]] = defaultdict(set)
    rosters: set[int] = set()
    has_roster = (Course.memberships_url != "").label("has_roster")
    rows = session.execute(
        select(Course.registration_id, Placement.scopes, has_roster)
        .join(Placement, Placement.course_id == Course.id, isouter=True)
        .where(Course.registration_id.in_(numbers))
        .distinct()
    )
    for row in rows:
        scopes[row.registration_id] |= set((row.scopes or "").split())
        if row.has_roster:
            rosters.add(row.registration_id)
    return scopes, rosters


def _launches(session: Session, numbers: Collection[int], *parts: Any) -> Sequence[Row[Any]]:
    came = and_(Membership.course_id == Course.id, Membership.last_seen_at.is_not(None))
    rows: Result[Any] = session.execute(
        select(
            *parts,
            func.count(func.distinct(Course.id)).label("courses"),
            func.count(func.distinct(Membership.person_id)).label("people"),
            func.max(Membership.last_seen_at).label("last_launch"),
        )
        .join(Membership, came, isouter=True)
        .where(Course.registration_id.in_(numbers))
        .group_by(*parts)
    )
    return rows.all()


def _scores(session: Session, numbers: Collection[int]) -> list[Row[Any]]:
    failed = Score.state == DeliveryState.FAILED.value
    rows = session.execute(
        select(
            Course.registration_id,
            Course.deployment,
            func.max(Score.delivered_at).label("last_grade"),
            func.sum(case((Score.state.in_(_WAITING), 1), else_=0)).label("waiting"),
            func.sum(case((failed, 1), else_=0)).label("failed"),
        )
        .join(Placement, Placement.id == Score.placement_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Course.registration_id.in_(numbers))
        .group_by(Course.registration_id, Course.deployment)
    )
    return list(rows)


def _came(row: Row[Any]) -> Traffic:
    return Traffic(row.courses, row.people, row.last_launch)


def _with_grades(traffic: Traffic, row: Row[Any]) -> Traffic:
    return replace(
        traffic,
        last_grade=max(filter(None, (traffic.last_grade, row.last_grade)), default=None),
        waiting=traffic.waiting + row.waiting,
        failed=traffic.failed + row.failed,
    )
