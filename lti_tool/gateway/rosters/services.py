"""Asking for notices where an LMS offers them, and storing what they say."""

from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.gateway.queries import deployment_status
from lti_tool.gateway.rosters.models import CourseCopy, NoticeHandler, ReceivedNotice
from lti_tool.gateway.rosters.queries import MOST_ORIGINS as MOST_REMEMBERED
from lti_tool.gateway.rosters.rules import ASK_AGAIN_AFTER, MOST_ORIGINS, REGISTER
from lti_tool.gateway.rules import ASK_SUPPORT, DeploymentStatus
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.text import N_
from lti_tool.lti.claims import CONTEXT_COPY_NOTICE
from lti_tool.lti.messages import Launch
from lti_tool.lti.notices import Notice
from lti_tool.outbox import services as outbox

log = structlog.get_logger()


def ask_for_notices(session: Session, launch: Launch) -> None:
    """Has our address registered at a deployment that offers notices, if it is not there yet.

    Call it for launches that bring something new: one statement where all is as it was.
    """
    offered = launch.notices
    if offered is None or not offered.types:
        return
    types = " ".join(sorted(offered.types))
    known = session.execute(
        select(NoticeHandler).where(
            NoticeHandler.registration_id == launch.registration_id,
            NoticeHandler.deployment == launch.deployment_id,
        )
    ).scalar_one_or_none()
    is_same = known is not None and (known.service_url, known.notice_types) == (offered.url, types)
    if known and is_same:
        tried = known.asked_at > clock.now() - ASK_AGAIN_AFTER
        if known.registered_at or tried:
            return
    handler = _note_handler(session, launch, offered.url, types)
    lane = f"registration:{launch.registration_id}"
    outbox.put(session, REGISTER, str(handler), lane=lane, delay=timedelta(0))


def note_registered(session: Session, handler_id: int) -> None:
    """Remembers that the LMS has our address."""
    session.execute(
        update(NoticeHandler)
        .where(NoticeHandler.id == handler_id)
        .values(registered_at=clock.now(), reason="")
    )


def note_not_registered(session: Session, handler_id: int, reason: str) -> None:
    """Remembers why the LMS did not take our address."""
    session.execute(
        update(NoticeHandler).where(NoticeHandler.id == handler_id).values(reason=reason[:60])
    )


def take_notice(session: Session, registration_id: int, notice: Notice) -> bool:
    """Does what a verified notice asks for; returns False for one that came before.

    Raises `NotAllowed` for a deployment that nobody accepted. A notice of a type that nobody here
    acts on is taken, and forgotten.
    """
    status = deployment_status(session, registration_id, notice.deployment_id)
    if status != DeploymentStatus.ACCEPTED:
        raise NotAllowed(
            N_("This course's part of the LMS is not connected to this tool yet."),
            code="deployment-unknown",
            advice=ASK_SUPPORT,
            detail=f"deployment {notice.deployment_id[:80]!r}",
        )
    if not _is_first(session, registration_id, notice):
        return False
    if notice.type == CONTEXT_COPY_NOTICE and notice.context:
        _note_copy(session, registration_id, notice)
    log.info("notice-taken", registration=registration_id, type=notice.type[:60])
    return True


def purge_notices(session: Session) -> None:
    """Forgets the ids of notices whose tokens would be refused as too old anyway."""
    session.execute(delete(ReceivedNotice).where(ReceivedNotice.ends_at <= clock.now()))


def _note_handler(session: Session, launch: Launch, url: str, types: str) -> int:
    news = {
        "service_url": url,
        "notice_types": types,
        "asked_at": clock.now(),
        "registered_at": None,
        "reason": "",
    }
    statement = insert_into(session, NoticeHandler).values(
        registration_id=launch.registration_id, deployment=launch.deployment_id, **news
    )
    stored = session.execute(
        statement.on_conflict_do_update(
            index_elements=["registration_id", "deployment"], set_=news
        ).returning(NoticeHandler.id)
    )
    return int(stored.scalar_one())


def _is_first(session: Session, registration_id: int, notice: Notice) -> bool:
    """One atomic statement: of two deliveries of one notice, only one goes on."""
    added = session.execute(
        insert_into(session, ReceivedNotice)
        .values(
            registration_id=registration_id,
            token_digest=digest(notice.token_id),
            ends_at=notice.ends_at,
        )
        .on_conflict_do_nothing()
    )
    return bool(added.rowcount)  # type: ignore[attr-defined]


def _note_copy(session: Session, registration_id: int, notice: Notice) -> None:
    """Remembers the origins of a course, as far as they are not too many to be true."""
    place = {
        "registration_id": registration_id,
        "deployment": notice.deployment_id,
        "context": notice.context,
    }
    here = [getattr(CourseCopy, name) == value for name, value in place.items()]
    known = session.execute(select(func.count()).select_from(CourseCopy).where(*here)).scalar_one()
    room = min(MOST_ORIGINS, MOST_REMEMBERED - known)
    # The nearest origin is told of first, and must come first of those of one notice.
    origins = [one for one in notice.origins if one != notice.context][: max(room, 0)]
    for origin in reversed(origins):
        session.execute(
            insert_into(session, CourseCopy)
            .values(**place, origin=origin, noticed_at=clock.now())
            .on_conflict_do_nothing()
        )
