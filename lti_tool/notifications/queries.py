"""Reading of what a person was told, and of how an organisation sends e-mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Organisation, Person, Placement
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import run
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.notifications.models import MailSettings, MailWish, Notification
from lti_tool.notifications.rules import MOST_COUNTED

_NOTICES = table_of(Notification)
_SETTINGS = table_of(MailSettings)
_WISHES = table_of(MailWish)
_PEOPLE = table_of(Person)

# One look into an index, in every page: built once, and it stops counting where a person would.
_UNREAD = select(func.count()).select_from(
    select(_NOTICES.c.id)
    .where(_NOTICES.c.person_id == bindparam("person"), _NOTICES.c.read_at.is_(None))
    .limit(MOST_COUNTED)
    .subquery()
)
_NOTICE = (
    select(
        _NOTICES.c.id,
        _NOTICES.c.public_id,
        _NOTICES.c.kind,
        _NOTICES.c.params,
        _NOTICES.c.endpoint,
        _NOTICES.c.link,
        _NOTICES.c.created_at,
        _NOTICES.c.read_at,
        Placement.public_id.label("placement"),
        Placement.title.label("placement_title"),
        Placement.course_id,
        Course.title.label("course_title"),
    )
    .select_from(_NOTICES)
    .outerjoin(Placement, Placement.id == _NOTICES.c.placement_id)
    .outerjoin(Course, Course.id == Placement.course_id)
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification as its owner reads it. Without `placement` it belongs to no activity."""

    id: int
    public_id: str
    kind: str
    params: Mapping[str, str]
    endpoint: str
    link: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None
    placement: str | None
    placement_title: str
    course_id: int | None
    course_title: str


@dataclass(frozen=True, slots=True)
class MailState:
    """How an organisation's e-mail stands; `waiting` and `failed` count what did not go out."""

    enabled: bool
    host: str
    port: int
    security: str
    username: str
    sealed_password: str
    sender_name: str
    sender_address: str
    last_sent_at: datetime | None
    last_failure: str
    last_failure_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail about a notification is made of."""

    notification_id: int
    public_id: str
    organisation_id: int
    organisation: str
    kind: str
    params: Mapping[str, str]
    created_at: datetime
    name: str
    address: str
    placement_title: str
    course_title: str
    settings: MailState


def unread_count(session: Session, person_id: int) -> int:
    """Returns how much a person has not read, in one indexed statement; it counts no further
    than `MOST_COUNTED`."""
    return int(run(session, _UNREAD, person=person_id).scalar_one())


def unread_notices(session: Session, person_id: int, most: int) -> list[Notice]:
    """Returns the newest that a person has not read."""
    wanted = _NOTICE.where(_NOTICES.c.person_id == person_id, _NOTICES.c.read_at.is_(None))
    return _notices(session, wanted.order_by(_NOTICES.c.id.desc()).limit(most))


def notices_of(session: Session, person_id: int, *, page: int, size: int) -> list[Notice]:
    """Returns a page of what a person was told, newest first, and one more if there is more."""
    wanted = _NOTICE.where(_NOTICES.c.person_id == person_id).order_by(_NOTICES.c.id.desc())
    return _notices(session, wanted.limit(size + 1).offset((page - 1) * size))


def notice_of(session: Session, actor: Actor, public_id: str) -> Notice:
    """Returns a notification of the actor; raises `NotFound` for any other."""
    wanted = _NOTICE.where(
        _NOTICES.c.public_id == as_kept(public_id), _NOTICES.c.person_id == actor.person_id
    )
    found = _notices(session, wanted)
    if not found:
        raise NotFound(
            N_("There is no such notice for you."),
            code="notice-unknown",
            advice=N_("Old notices that were read go away by themselves."),
        )
    return found[0]


def wants_mail(session: Session, person_id: int) -> bool:
    """Says whether a person wants e-mail: yes, unless they said otherwise."""
    wish = select(_WISHES.c.wanted).where(_WISHES.c.person_id == person_id)
    return session.execute(wish).scalar() is not False


def address_of(session: Session, person_id: int) -> str:
    """Returns the e-mail address that the LMS gave for a person, or nothing."""
    return str(session.execute(select(Person.email).where(Person.id == person_id)).scalar_one())


def mail_state(session: Session, organisation_id: int) -> MailState | None:
    """Returns how an organisation sends e-mail, or None where nobody set it up."""
    row = session.execute(
        select(_SETTINGS).where(_SETTINGS.c.organisation_id == organisation_id)
    ).first()
    return _state(row) if row else None


def mailed_people(session: Session, people: Iterable[int]) -> set[int]:
    """Returns those of these people who are told by e-mail, too, in one statement."""
    wanted = (
        select(_PEOPLE.c.id)
        .join(_SETTINGS, _SETTINGS.c.organisation_id == _PEOPLE.c.organisation_id)
        .outerjoin(_WISHES, _WISHES.c.person_id == _PEOPLE.c.id)
        .where(
            _PEOPLE.c.id.in_(sorted(people)),
            _PEOPLE.c.email != "",
            _SETTINGS.c.enabled,
            func.coalesce(_WISHES.c.wanted, True),
        )
    )
    return set(session.execute(wanted).scalars())


def letter_for(session: Session, notification_id: int) -> Letter | None:
    """Returns what an e-mail is made of; None where none is to be sent (any more).

    So it is when it went out, was given up, was read in the tool, or when e-mail is not wanted.
    """
    row = session.execute(
        select(
            _NOTICES,
            _PEOPLE.c.name,
            _PEOPLE.c.email,
            Organisation.name.label("organisation"),
            func.coalesce(Placement.title, "").label("placement_title"),
            func.coalesce(Course.title, "").label("course_title"),
        )
        .join(_PEOPLE, _PEOPLE.c.id == _NOTICES.c.person_id)
        .join(Organisation, Organisation.id == _NOTICES.c.organisation_id)
        .outerjoin(Placement, Placement.id == _NOTICES.c.placement_id)
        .outerjoin(Course, Course.id == Placement.course_id)
        .where(
            _NOTICES.c.id == notification_id,
            _NOTICES.c.mailed_at.is_(None),
            _NOTICES.c.read_at.is_(None),
            _NOTICES.c.mail_failure == "",
        )
    ).first()
    if row is None or not mailed_people(session, [row.person_id]):
        return None
    state = mail_state(session, row.organisation_id)
    if state is None:
        return None
    return Letter(
        notification_id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        kind=row.kind,
        params=row.params,
        created_at=row.created_at,
        name=row.name,
        address=row.email,
        placement_title=row.placement_title,
        course_title=row.course_title,
        settings=state,
    )


def failures_since(session: Session, organisation_id: int, since: datetime) -> dict[str, int]:
    """Returns how many e-mails were given up since a moment, by reason."""
    rows = session.execute(
        select(_NOTICES.c.mail_failure, func.count())
        .where(
            _NOTICES.c.organisation_id == organisation_id,
            _NOTICES.c.created_at >= since,
            _NOTICES.c.mail_failure != "",
        )
        .group_by(_NOTICES.c.mail_failure)
    )
    return {reason: int(count) for reason, count in rows}


def _notices(session: Session, wanted: Select[Any]) -> list[Notice]:
    return [_notice(row) for row in session.execute(wanted)]


def _notice(row: Row[Any]) -> Notice:
    facts = dict(row._mapping)  # noqa: SLF001 - a row's public mapping
    facts["placement_title"] = facts["placement_title"] or ""
    facts["course_title"] = facts["course_title"] or ""
    return Notice(**facts)


def _state(row: Row[Any]) -> MailState:
    return MailState(**{name: getattr(row, name) for name in MailState.__slots__})
