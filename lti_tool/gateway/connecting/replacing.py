"""An LMS that moved, or that knows this tool by a new client id: one registration goes on.

The row keeps its number, and with it people, courses, placements and grades; what changes is
where the LMS is and what it calls us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Placement
from lti_tool.gateway.connecting.models import WaitingRegistration
from lti_tool.gateway.models import Deployment, LoginRow, RegistrationRow, Ticket
from lti_tool.gateway.picking.models import Pick
from lti_tool.gateway.registrations import registration_unknown
from lti_tool.gateway.rosters.models import CourseCopy, NoticeHandler
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.kernel.errors import Conflict, InvalidInput
from lti_tool.kernel.models import Base, table_of
from lti_tool.kernel.text import N_
from lti_tool.web.sessions import end_sessions_of


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the LMS is now, and what it calls this tool. `deployment` is "" where unsaid."""

    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str = ""
    product: str = ""
    deployment: str = ""


def replace_registration(
    session: Session,
    number: int,
    new: Addresses,
    *,
    deployments: Mapping[str, str] | None = None,
) -> None:
    """Gives a registration the new addresses; its people, courses and grades stay.

    `deployments` says which old deployment has become which; a single old one becomes the one
    that the new LMS names. Every session, login and ticket of it ends. Where the LMS registered
    anew already, that other registration is taken up. Raises `NotFound`; `Conflict` where the
    other one is another organisation's, or both know the same people or courses.
    """
    row = session.get(RegistrationRow, number)
    if row is None:
        raise registration_unknown(number)
    _end_visits(session, number)
    _take_up(session, row, new)
    before = row.issuer
    row.issuer, row.client_id = new.issuer, new.client_id
    row.auth_login_url, row.token_url, row.jwks_url = (
        new.auth_login_url,
        new.token_url,
        new.jwks_url,
    )
    row.token_audience = new.token_audience
    row.product = new.product or row.product
    row.status = RegistrationStatus.ACTIVE.value
    session.flush()
    _move_deployments(session, number, new.deployment, deployments or {})
    _move_addresses(session, number, before, new.issuer)


def _end_visits(session: Session, number: int) -> None:
    """Nobody who came through the old LMS goes on, and no launch of it under way arrives.

    Nor is anything answered to where it was: a picker that is open, an address for notices.
    """
    end_sessions_of(session, number)
    for table in (LoginRow, Ticket, Pick, NoticeHandler):
        session.execute(delete(table).where(table.registration_id == number))


def _take_up(session: Session, row: RegistrationRow, new: Addresses) -> None:
    """Moves everything of a registration that the new LMS has already, and removes that row."""
    session.execute(
        delete(WaitingRegistration).where(
            WaitingRegistration.issuer == new.issuer,
            WaitingRegistration.client_id == new.client_id,
        )
    )
    other = session.execute(
        select(RegistrationRow).where(
            RegistrationRow.issuer == new.issuer,
            RegistrationRow.client_id == new.client_id,
            RegistrationRow.id != row.id,
        )
    ).scalar_one_or_none()
    if other is None:
        return
    if other.organisation_id != row.organisation_id:
        raise Conflict(
            N_("The new registration belongs to another organisation."),
            code="registration-taken",
            advice=N_("Ask the LMS for a client id of its own for this organisation."),
        )
    _end_visits(session, other.id)
    _accept_same(session, other.id, row.id)
    try:
        with session.begin_nested():
            for table, column in _leading_here():
                if [key.name for key in table.primary_key] == [column]:
                    # One row for each registration, such as its last test: ours stays.
                    session.execute(delete(table).where(table.c[column] == other.id))
                    continue
                session.execute(
                    update(table).where(table.c[column] == other.id).values({column: row.id})
                )
    except IntegrityError:
        raise _both_in_use(session, row.id, other.id) from None
    session.delete(other)
    session.flush()


def _accept_same(session: Session, other: int, number: int) -> None:
    """A deployment that both know stays with the registration that stays."""
    both = select(Deployment.deployment).where(Deployment.registration_id == number)
    session.execute(
        delete(Deployment).where(
            Deployment.registration_id == other, Deployment.deployment.in_(both)
        )
    )


def _leading_here() -> list[tuple[Table, str]]:
    """Returns every column of every room that names a registration."""
    return [
        (table, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is table_of(RegistrationRow) for key in column.foreign_keys)
    ]


def _both_in_use(session: Session, number: int, other: int) -> Conflict:
    def courses(of: int) -> int:
        counted = select(func.count()).select_from(Course).where(Course.registration_id == of)
        return session.execute(counted).scalar_one()

    return Conflict(
        N_(
            "Registration %(number)s (%(here)s courses) and registration %(other)s (%(there)s"
            " courses) know some of the same people or courses, so neither can take the other's"
            " place."
        ),
        code="both-in-use",
        advice=N_("Switch the one off that is no longer used: its people and grades are kept."),
        params={
            "number": number,
            "here": courses(number),
            "other": other,
            "there": courses(other),
        },
    )


def _move_deployments(session: Session, number: int, named: str, moves: Mapping[str, str]) -> None:
    """Courses belong to a deployment, whose name is new where the tool was added anew."""
    found = select(Course.deployment).where(Course.registration_id == number).distinct()
    used = list(session.execute(found).scalars())
    unknown = sorted(set(moves) - set(used))
    if unknown:
        raise InvalidInput(
            f"No course of registration {number} belongs to deployment {unknown[0]}.",
            code="deployment-unknown",
            advice=f"Its courses belong to: {', '.join(sorted(used)) or 'none yet'}.",
        )
    if named and not moves and len(used) == 1:
        moves = {used[0]: named}
    for old, new in moves.items():
        for table in (Course, CourseCopy):
            session.execute(
                update(table)
                .where(table.registration_id == number, table.deployment == old)
                .values(deployment=new)
            )
    for deployment in {named, *moves.values()} - {""}:
        accept_deployment(session, number, deployment)


def _move_addresses(session: Session, number: int, before: str, now: str) -> None:
    """Calls go to where the LMS is now, never with its token to where it was.

    Only what stood on the old LMS's own origin moves; launches bring the rest up to date.
    """
    old, new = _origin(before), _origin(now)
    if old == new:
        return
    courses = select(Course.id).where(Course.registration_id == number)
    placements = select(Placement.id).where(Placement.course_id.in_(courses))
    here = Course.registration_id == number
    for column, condition in (
        (Course.memberships_url, here),
        (Course.groups_url, here),
        (Course.group_sets_url, here),
        (Placement.line_item, Placement.course_id.in_(courses)),
        (Placement.line_items, Placement.course_id.in_(courses)),
        (PlacementLineItem.url, PlacementLineItem.placement_id.in_(placements)),
        (Score.line_item, Score.registration_id == number),
    ):
        session.execute(
            update(column.class_)
            .where(condition, column.startswith(f"{old}/", autoescape=True))
            .values({column.key: new + func.substr(column, len(old) + 1)})
            .execution_options(synchronize_session=False)
        )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
