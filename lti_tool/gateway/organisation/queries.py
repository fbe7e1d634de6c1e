"""Reading of an organisation's connections: every query belongs to one organisation."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.courses.models import Course, Person, Placement
from lti_tool.courses.rules import display_name
from lti_tool.gateway.models import Deployment, RegistrationRow
from lti_tool.gateway.organisation.checking import Subject
from lti_tool.gateway.organisation.connections import (
    NO_TEST,
    NO_TRAFFIC,
    Connection,
    DeploymentView,
    TestView,
)
from lti_tool.gateway.organisation.findings import from_json
from lti_tool.gateway.organisation.models import ConnectionChange, ConnectionTest
from lti_tool.gateway.organisation.rules import Change, What, test_state
from lti_tool.gateway.organisation.scopes import permissions
from lti_tool.gateway.organisation.traffic import AllTraffic, said_by_launches, traffic_of
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.lti.registration import Registration
from lti_tool.web.models import WebSession

# How many lines of the log a page shows.
LATEST_CHANGES = 20


def connections_of(session: Session, organisation_id: int) -> list[Connection]:
    """Returns the organisation's connections, oldest first, in a fixed number of statements."""
    return _connections(session, RegistrationRow.organisation_id == organisation_id)


def connection_of(session: Session, organisation_id: int, number: int) -> Connection:
    """Returns one of the organisation's connections; raises `NotFound` for any other."""
    mine = and_(RegistrationRow.organisation_id == organisation_id, RegistrationRow.id == number)
    found = _connections(session, mine)
    if not found:
        raise connection_unknown()
    return found[0]


def connection_unknown() -> NotFound:
    """Returns the refusal of a connection that is not there, or another organisation's."""
    return NotFound(N_("Your organisation has no such connection."), code="registration-unknown")


def courses_through(number: int, deployment: str) -> Select[int]:
    """Returns the courses of a deployment, for use in another statement."""
    return select(Course.id).where(
        Course.registration_id == number, Course.deployment == deployment
    )


def deployment_of_course(session: Session, course_id: int) -> str:
    """Returns the deployment through which a course is reached."""
    return session.execute(select(Course.deployment).where(Course.id == course_id)).scalar_one()


def people_signed_in(session: Session, number: int, deployment: str | None = None) -> int:
    """Returns how many people are here now through a registration, or one deployment of it."""
    wanted = select(func.count(func.distinct(WebSession.person_id))).where(
        WebSession.registration_id == number, WebSession.ends_at > clock.now()
    )
    if deployment is not None:
        wanted = wanted.where(WebSession.course_id.in_(courses_through(number, deployment)))
    return session.execute(wanted).scalar_one()


def changes_of(session: Session, number: int) -> list[Change]:
    """Returns the newest lines of a registration's log, newest first."""
    rows = session.execute(
        select(ConnectionChange)
        .where(ConnectionChange.registration_id == number)
        .order_by(ConnectionChange.id.desc())
        .limit(LATEST_CHANGES)
    ).scalars()
    return [change_of(row) for row in rows]


def change_of(row: ConnectionChange) -> Change:
    """Returns a line of the log."""
    return Change(
        row.id,
        What(row.what),
        row.subject,
        row.before,
        row.after,
        row.actor_id,
        row.created_at,
        row.by_operator,
    )


def names_of(session: Session, organisation_id: int, people: Collection[int]) -> dict[int, str]:
    """Returns the names of an organisation's people by their numbers, in one statement."""
    rows = session.execute(
        select(Person.id, Person.name, Person.public_id).where(
            Person.id.in_(people), Person.organisation_id == organisation_id
        )
    )
    return {row.id: display_name(row.name, row.public_id) for row in rows}


def failed_scores(session: Session, number: int, *, limit: int, reason: str = "") -> list[int]:
    """Returns the numbers of the registration's grades that failed (for a reason), oldest first."""
    wanted = (
        select(Score.id)
        .join(Placement, Placement.id == Score.placement_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Course.registration_id == number, Score.state == DeliveryState.FAILED.value)
        .order_by(Score.id)
        .limit(limit)
    )
    if reason:
        wanted = wanted.where(Score.reason == reason)
    return list(session.execute(wanted).scalars())


def subject_of(session: Session, registration: Registration) -> Subject:
    """Returns what is tested: the registration, and the newest course that told its services."""
    return Subject(
        registration,
        line_items_url=_newest(session, registration.id, Placement.line_items),
        memberships_url=_newest(session, registration.id, Course.memberships_url),
    )


def _newest(session: Session, number: int, column: InstrumentedAttribute[str]) -> str:
    found = session.execute(
        select(column)
        .select_from(Course)
        .join(Placement, Placement.course_id == Course.id)
        .where(Course.registration_id == number, column != "")
        .order_by(Placement.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def _connections(session: Session, mine: ColumnElement[bool]) -> list[Connection]:
    wanted = select(RegistrationRow).where(mine).order_by(RegistrationRow.id)
    rows = list(session.execute(wanted).scalars())
    numbers = [row.id for row in rows]
    traffic = traffic_of(session, numbers)
    deployments = _deployments(session, numbers, traffic)
    scopes, rosters = said_by_launches(session, numbers)
    tests = _tests(session, numbers)
    found = []
    for row in rows:
        test = tests.get(row.id, NO_TEST)
        allowed = permissions(
            carried=scopes[row.id] | set(row.scopes.split()),
            granted=test.granted,
            has_tested=test.knows_permissions,
            has_roster=row.id in rosters,
        )
        found.append(
            _connection(
                row,
                traffic=traffic.whole.get(row.id, NO_TRAFFIC),
                deployments=tuple(deployments[row.id]),
                permissions=tuple(allowed),
                test=test,
            )
        )
    return found


def _connection(row: RegistrationRow, **more: Any) -> Connection:
    return Connection(
        row.id,
        row.name,
        row.issuer,
        row.client_id,
        row.product,
        row.status,
        row.deployment_policy,
        row.created_at,
        addresses={"login": row.auth_login_url, "token": row.token_url, "keys": row.jwks_url},
        **more,
    )


def _deployments(
    session: Session, numbers: Collection[int], traffic: AllTraffic
) -> dict[int, list[DeploymentView]]:
    rows = session.execute(
        select(Deployment)
        .where(Deployment.registration_id.in_(numbers))
        .order_by(Deployment.registration_id, Deployment.id)
    ).scalars()
    found: dict[int, list[DeploymentView]] = defaultdict(list)
    for row in rows:
        through = traffic.through.get((row.registration_id, row.deployment), NO_TRAFFIC)
        found[row.registration_id].append(
            DeploymentView(row.id, row.deployment, row.status, row.first_seen_at, through)
        )
    return found


def _tests(session: Session, numbers: Collection[int]) -> dict[int, TestView]:
    rows = session.execute(
        select(ConnectionTest).where(ConnectionTest.registration_id.in_(numbers))
    ).scalars()
    now = clock.now()
    return {
        row.registration_id: TestView(
            test_state(row.asked_at, row.ended_at, now),
            row.asked_at,
            row.ended_at,
            tuple(from_json(one) for one in row.steps),
            frozenset(row.scopes.split()),
        )
        for row in rows
    }
