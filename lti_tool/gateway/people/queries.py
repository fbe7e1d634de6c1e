"""Reading the people of an organisation: who they are, how they are known, who was joined to whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.courses.models import Course, Identity, LegacyIdentity, Membership, Person
from lti_tool.courses.rules import DATA_PRIVACY_CONTEXT, display_name
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.people.models import Merge
from lti_tool.gateway.people.rules import MergeView
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_

A_PAGE = 30
_MOST_NAMELESS = 5000


@dataclass(frozen=True, slots=True)
class Identifier:
    """How an LMS calls a person: its `sub`, or what LTI 1.1 called them under a key."""

    subject: str
    lms: str
    is_legacy: bool = False


@dataclass(frozen=True, slots=True)
class Attended:
    """A course that a person is or was in."""

    title: str
    roles: tuple[str, ...]
    last_seen_at: datetime | None
    active: bool


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as an administrator chooses among them."""

    id: int
    public_id: str
    name: str
    email: str
    known_since: datetime
    identifiers: tuple[Identifier, ...]
    courses: tuple[Attended, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A join for the list of them: the names of both, and by whom."""

    merge: MergeView
    remaining: str
    absorbed: str
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the people who fit a search, by name; pages count from 1."""

    people: tuple[Someone, ...]
    page: int
    has_more: bool

    @property
    def first(self) -> int:
        """The place of the first of them among all who fit."""
        return (self.page - 1) * A_PAGE + 1

    @property
    def last(self) -> int:
        """The place of the last of them."""
        return self.first + len(self.people) - 1


def people_found(
    session: Session, actor: Actor, words: str, *, page: int = 1, without: int | None = None
) -> Found:
    """Returns the people of the actor's organisation whose name, pseudonym or identifier fits.

    By name, a page of them, one person left out. Who was joined to somebody else is found as
    that person alone.
    """
    like = Person.name.icontains(words, autoescape=True)
    by_identifier = or_(
        Person.id.in_(
            select(Identity.person_id).where(Identity.subject.icontains(words, autoescape=True))
        ),
        Person.id.in_(
            select(LegacyIdentity.person_id).where(
                LegacyIdentity.user_id.icontains(words, autoescape=True)
            )
        ),
    )
    pseudonyms = _with_pseudonym(session, actor, words)
    wanted = or_(like, by_identifier, Person.id.in_(pseudonyms))
    rows = session.execute(
        select(Person)
        .where(*_of_organisation(actor), wanted, Person.id != (without or 0))
        .order_by(Person.name, Person.id)
        .limit(A_PAGE + 1)
        .offset((page - 1) * A_PAGE)
    ).scalars()
    found = list(rows)
    return Found(tuple(_described(session, found[:A_PAGE])), page, len(found) > A_PAGE)


def person_of_organisation(session: Session, actor: Actor, public_id: str) -> Someone:
    """Returns one person of the actor's organisation; raises `NotFound` for anyone else."""
    row = session.execute(
        select(Person).where(*_of_organisation(actor), Person.public_id == public_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(N_("There is no such person in your organisation."), code="person-unknown")
    return _described(session, [row])[0]


def merges_of(session: Session, actor: Actor) -> list[Joined]:
    """Returns the joins of the actor's organisation, newest first."""
    remaining, absorbed, by = aliased(Person), aliased(Person), aliased(Person)
    rows = session.execute(
        select(Merge, remaining, absorbed, by)
        .join(remaining, remaining.id == Merge.remaining_id)
        .join(absorbed, absorbed.id == Merge.absorbed_id)
        .join(by, by.id == Merge.merged_by)
        .where(Merge.organisation_id == actor.organisation_id)
        .order_by(Merge.id.desc())
    )
    return [Joined(_view(merge), *map(_name, people)) for merge, *people in rows]


def merge_of(session: Session, actor: Actor, public_id: str) -> Joined:
    """Returns one join of the actor's organisation; raises `NotFound` for any other."""
    for joined in merges_of(session, actor):
        if joined.merge.public_id == public_id:
            return joined
    raise NotFound(N_("There is no such join in your organisation."), code="merge-unknown")


def is_joined_since(session: Session, merge: MergeView) -> bool:
    """Says whether one of the two took part in another join after this one, not undone."""
    both = (merge.remaining_id, merge.absorbed_id)
    found = session.execute(
        select(Merge.id)
        .where(
            Merge.id > merge.id,
            Merge.undone_at.is_(None),
            or_(Merge.remaining_id.in_(both), Merge.absorbed_id.in_(both)),
        )
        .limit(1)
    ).first()
    return found is not None


def _of_organisation(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    absorbed = select(Merge.absorbed_id).where(Merge.undone_at.is_(None))
    return (Person.organisation_id == actor.organisation_id, Person.id.not_in(absorbed))


def _with_pseudonym(session: Session, actor: Actor, words: str) -> list[int]:
    """Pseudonyms are made of the public id and stand in no column."""
    rows = session.execute(
        select(Person.id, Person.public_id)
        .where(*_of_organisation(actor), Person.name == "")
        .limit(_MOST_NAMELESS)
    )
    sought = words.casefold()
    return [row.id for row in rows if sought in display_name("", row.public_id).casefold()]


def _described(session: Session, people: Iterable[Person]) -> list[Someone]:
    found = list(people)
    numbers = [one.id for one in found]
    identifiers = _identifiers(session, numbers)
    courses = _courses(session, numbers)
    return [
        Someone(
            one.id,
            one.public_id,
            _name(one),
            one.email,
            one.created_at,
            tuple(identifiers.get(one.id, ())),
            tuple(courses.get(one.id, ())),
        )
        for one in found
    ]


def _identifiers(session: Session, numbers: list[int]) -> dict[int, list[Identifier]]:
    found: dict[int, list[Identifier]] = {}
    for row in session.execute(
        select(Identity.person_id, Identity.subject, RegistrationRow.issuer)
        .join(RegistrationRow, RegistrationRow.id == Identity.registration_id)
        .where(Identity.person_id.in_(numbers))
        .order_by(Identity.id)
    ):
        found.setdefault(row.person_id, []).append(Identifier(row.subject, row.issuer))
    for row in session.execute(
        select(LegacyIdentity.person_id, LegacyIdentity.user_id, LegacyIdentity.consumer_key)
        .where(LegacyIdentity.person_id.in_(numbers))
        .order_by(LegacyIdentity.id)
    ):
        older = Identifier(row.user_id, row.consumer_key, is_legacy=True)
        found.setdefault(row.person_id, []).append(older)
    return found


def _courses(session: Session, numbers: list[int]) -> dict[int, list[Attended]]:
    found: dict[int, list[Attended]] = {}
    for row in session.execute(
        select(
            Membership.person_id,
            Course.title,
            Membership.roles,
            Membership.last_seen_at,
            Membership.active,
        )
        .join(Course, Course.id == Membership.course_id)
        .where(Membership.person_id.in_(numbers), Course.context != DATA_PRIVACY_CONTEXT)
        .order_by(Membership.id)
    ):
        attended = Attended(row.title, tuple(row.roles.split()), row.last_seen_at, row.active)
        found.setdefault(row.person_id, []).append(attended)
    return found


def _name(person: Person) -> str:
    return display_name(person.name, person.public_id)


def _view(merge: Merge) -> MergeView:
    return MergeView(
        merge.id,
        merge.public_id,
        merge.remaining_id,
        merge.absorbed_id,
        merge.merged_at,
        merge.undone_at,
    )
