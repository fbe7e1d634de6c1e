"""Sessions: opened by the launch, held by a cookie of one membership's path, ended by time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.database import run
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest, new_token
from lti_tool.kernel.settings import Settings
from lti_tool.web.models import WebSession

COOKIE = "imhcf_session"
SLOT_PATH = "/at/"
# "Last seen" is written at most this often: a page view costs no write.
TOUCH_EVERY = timedelta(minutes=1)

_SESSIONS = table_of(WebSession)
# Built once: one runs in every request, the other in every launch.
_BY_TOKEN = select(_SESSIONS).where(_SESSIONS.c.token_digest == bindparam("token"))
_ADD = insert(_SESSIONS)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a launch knows when it opens a session."""

    slot: str
    actor: Actor
    registration_id: int
    display_name: str
    frame_ancestors: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended: who acts here, and who may show the page in a frame."""

    id: int
    slot: str
    actor: Actor
    display_name: str
    frame_ancestors: str
    seen_at: datetime


def open_session(session: Session, sign_in: SignIn, settings: Settings) -> str:
    """Stores a new session and returns its token, which exists nowhere else."""
    token = new_token()
    now = clock.now()
    run(
        session,
        _ADD,
        token_digest=digest(token),
        slot=sign_in.slot,
        person_id=sign_in.actor.person_id,
        organisation_id=sign_in.actor.organisation_id,
        registration_id=sign_in.registration_id,
        course_id=sign_in.actor.course_id,
        membership_id=sign_in.actor.membership_id,
        roles=",".join(sorted(sign_in.actor.roles)),
        display_name=sign_in.display_name[:200],
        frame_ancestors=sign_in.frame_ancestors,
        opened_at=now,
        seen_at=now,
        ends_at=now + timedelta(hours=settings.session_absolute_hours),
    )
    return token


def find_session(session: Session, token: str, slot: str, settings: Settings) -> LiveSession | None:
    """Returns the live session of this token in this slot, or None when it ended or never was."""
    now = clock.now()
    row = run(session, _BY_TOKEN, token=digest(token)).first()
    if row is None or row.slot != slot or row.ends_at <= now:
        return None
    if row.seen_at + timedelta(minutes=settings.session_idle_minutes) <= now:
        return None
    roles = frozenset(Role(name) for name in row.roles.split(",") if name)
    actor = Actor(row.person_id, row.organisation_id, row.course_id, row.membership_id, roles)
    return LiveSession(row.id, slot, actor, row.display_name, row.frame_ancestors, row.seen_at)


def is_stale(live: LiveSession) -> bool:
    """Says whether "last seen" is old enough to be written again."""
    return clock.now() - live.seen_at >= TOUCH_EVERY


def touch(session: Session, live: LiveSession) -> None:
    """Notes that the session is in use."""
    session.execute(update(WebSession).where(WebSession.id == live.id).values(seen_at=clock.now()))


def end_session(session: Session, session_id: int) -> None:
    """Ends one session at once."""
    session.execute(delete(WebSession).where(WebSession.id == session_id))


def end_sessions_of(session: Session, registration_id: int) -> None:
    """Ends every session that came through a registration, as when it is disabled."""
    session.execute(delete(WebSession).where(WebSession.registration_id == registration_id))


def end_sessions_in_other_roles(session: Session, slot: str, roles: Collection[str]) -> None:
    """Ends a member's sessions that were opened in other roles than these, in every browser.

    A role that the LMS took away is gone with the next launch, also where a page is still open.
    """
    session.execute(
        delete(WebSession).where(
            WebSession.slot == slot, WebSession.roles != ",".join(sorted(roles))
        )
    )


def end_sessions_of_person(session: Session, person_id: int) -> None:
    """Ends every session of a person, as when somebody else is found to be the same human."""
    session.execute(delete(WebSession).where(WebSession.person_id == person_id))


def purge_sessions(session: Session, settings: Settings) -> None:
    """Removes what has ended by either limit."""
    now = clock.now()
    idle = now - timedelta(minutes=settings.session_idle_minutes)
    session.execute(
        delete(WebSession).where((WebSession.ends_at <= now) | (WebSession.seen_at <= idle))
    )


def set_cookie(
    response: Response, settings: Settings, *, name: str, value: str, path: str, seconds: int
) -> None:
    """Sets a cookie that works in a frame on https, and on loopback over plain http."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        secure=settings.is_https,
        samesite="None" if settings.is_https else "Lax",
        partitioned=settings.is_https,
    )


def set_session_cookie(response: Response, settings: Settings, slot: str, token: str) -> None:
    """Hands the session to the browser, for the addresses of its own slot alone."""
    set_cookie(
        response,
        settings,
        name=COOKIE,
        value=token,
        path=f"{SLOT_PATH}{slot}/",
        seconds=settings.session_absolute_hours * 3600,
    )
