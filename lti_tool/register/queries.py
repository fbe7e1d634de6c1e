"""Reading of the register by those who run it and those who are on it; `public` reads for all."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from lti_tool.competencies.loading import frameworks
from lti_tool.courses.models import Organisation, Person
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.register.models import (
    RegisterCredential,
    RegisterEntry,
    RegisterEvent,
    RegisterTerms,
)
from lti_tool.register.rules import Act, By, Standing, State, Terms, standing
from lti_tool.register.searching import pattern, words_of

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as its owner and administrators read it."""

    id: int
    public_id: str
    code: str
    organisation_id: int
    organisation: str
    person_id: int
    person: str
    level: int
    instrument: str
    instrument_version: str
    recognised_on: date
    renewed_on: date | None
    valid_until: date
    name: str
    place: str
    shown: bool
    state: State
    renewal_asked_at: datetime | None

    def standing(self, today: date) -> Standing:
        """Returns how the entry stands on a day."""
        return standing(self.state, self.valid_until, today)


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of an entry's log; `who` is empty for a review or an operator."""

    number: int
    at: datetime
    act: Act
    by: By
    who: str
    reason: str
    details: dict[str, Any]

    @property
    def valid_until(self) -> date | None:
        """The last day that this line gave the entry, where it gave one."""
        written = self.details.get("valid_until")
        return date.fromisoformat(written) if written else None

    @property
    def hours(self) -> Decimal | None:
        """The hours of training that came with this line, where any did."""
        quarters = self.details.get("quarter_hours")
        return None if quarters is None else Decimal(quarters) / 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator looks for: words of a name, a level, how entries stand."""

    name: str = ""
    level: int | None = None
    standing: str = ""
    page: int = 1


def terms_of(session: Session, organisation_id: int) -> Terms:
    """Returns an organisation's rules; the usual ones until it made its own."""
    row = session.execute(
        select(RegisterTerms).where(RegisterTerms.organisation_id == organisation_id)
    ).scalar_one_or_none()
    if row is None:
        return Terms()
    return Terms(row.years, row.shown, row.remind_months, row.renewal_hours, row.lists_all)


def entries_of_person(session: Session, actor: Actor) -> list[EntryView]:
    """Returns the actor's own entries, the highest level first."""
    rows = session.execute(
        _entries()
        .where(
            RegisterEntry.person_id == actor.person_id,
            RegisterEntry.organisation_id == actor.organisation_id,
        )
        .order_by(RegisterEntry.level.desc())
    )
    return [_view(row) for row in rows]


def own_entry(session: Session, actor: Actor, public_id: str) -> EntryView:
    """Returns one of the actor's own entries; raises `NotFound` for any other."""
    row = session.execute(
        _entries().where(
            RegisterEntry.public_id == public_id,
            RegisterEntry.person_id == actor.person_id,
            RegisterEntry.organisation_id == actor.organisation_id,
        )
    ).first()
    return _found(row)


def entry_of_organisation(session: Session, actor: Actor, public_id: str) -> EntryView:
    """Returns an entry of the actor's organisation; raises `NotFound` for any other."""
    row = session.execute(
        _entries().where(
            RegisterEntry.public_id == public_id,
            RegisterEntry.organisation_id == actor.organisation_id,
        )
    ).first()
    return _found(row)


def entries_of_organisation(
    session: Session, actor: Actor, wanted: Wanted, today: date
) -> tuple[list[EntryView], bool]:
    """Returns a page of an organisation's entries by name, and whether there are more."""
    offset = (wanted.page - 1) * PAGE_SIZE
    chosen = _chosen(actor, wanted, today).offset(offset).limit(PAGE_SIZE + 1)
    rows = session.execute(chosen).all()
    return [_view(row) for row in rows[:PAGE_SIZE]], len(rows) > PAGE_SIZE


def all_entries(session: Session, actor: Actor, wanted: Wanted, today: date) -> list[EntryView]:
    """Returns every entry of an organisation that is looked for, for its own list."""
    return [_view(row) for row in session.execute(_chosen(actor, wanted, today))]


def count_of_organisation(session: Session, actor: Actor) -> int:
    """Returns how many entries an organisation has."""
    return session.execute(
        select(func.count()).where(RegisterEntry.organisation_id == actor.organisation_id)
    ).scalar_one()


def events_of(session: Session, entry_id: int) -> list[EventView]:
    """Returns an entry's log, newest first."""
    rows = session.execute(
        select(RegisterEvent, Person.name)
        .outerjoin(Person, Person.id == RegisterEvent.by_person_id)
        .where(RegisterEvent.entry_id == entry_id)
        .order_by(RegisterEvent.number.desc())
    )
    return [
        EventView(row.number, row.at, Act(row.act), By(row.by), name or "", row.reason, row.details)
        for row, name in rows
    ]


def newest_credential(session: Session, entry_id: int) -> RegisterCredential | None:
    """Returns the credential of an entry that was signed last, or None where none was."""
    return session.execute(
        select(RegisterCredential)
        .where(RegisterCredential.entry_id == entry_id)
        .order_by(RegisterCredential.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def person_to_recognise(session: Session, public_id: str, organisation: str) -> tuple[int, int]:
    """Returns the person's and the organisation's number, for the operator; raises `NotFound`."""
    row = session.execute(
        select(Person.id, Person.organisation_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.public_id == public_id, Organisation.name == organisation)
    ).first()
    if row is None:
        raise NotFound(
            N_("There is no such person in that organisation."),
            code="person-unknown",
            advice=N_("Give the public id of a person, and the organisation's name exactly."),
        )
    return row.id, row.organisation_id


def framework_of(instrument: str) -> str:
    """Returns the id of the framework that holds an instrument; empty for none."""
    return next(
        (
            parts.framework.id
            for parts in frameworks().values()
            if instrument in parts.framework.expected
        ),
        "",
    )


def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(RegisterEntry, Organisation.name.label("organisation"), Person.name.label("person"))
        .join(Organisation, Organisation.id == RegisterEntry.organisation_id)
        .join(Person, Person.id == RegisterEntry.person_id)
    )


def _chosen(actor: Actor, wanted: Wanted, today: date) -> Select[*tuple[Any, ...]]:
    conditions: list[ColumnElement[bool]] = [
        RegisterEntry.organisation_id == actor.organisation_id,
        *(RegisterEntry.name_words.like(pattern(word)) for word in words_of(wanted.name)),
    ]
    if wanted.level:
        conditions.append(RegisterEntry.level == wanted.level)
    by_standing = {
        "in-force": (RegisterEntry.state == State.RECOGNISED, RegisterEntry.valid_until >= today),
        "ended": (RegisterEntry.state == State.RECOGNISED, RegisterEntry.valid_until < today),
        "suspended": (RegisterEntry.state == State.SUSPENDED,),
        "renewal": (RegisterEntry.renewal_asked_at.is_not(None),),
    }
    conditions += by_standing.get(wanted.standing, ())
    return _entries().where(*conditions).order_by(RegisterEntry.name_words, RegisterEntry.id)


def _found(row: Any) -> EntryView:
    if row is None:
        raise NotFound(
            N_("There is no such entry on the register here."),
            code="entry-unknown",
            advice=N_("Go back to the list, and choose one that is there."),
        )
    return _view(row)


def _view(row: Any) -> EntryView:
    entry: RegisterEntry = row.RegisterEntry
    return EntryView(
        id=entry.id,
        public_id=entry.public_id,
        code=entry.code,
        organisation_id=entry.organisation_id,
        organisation=row.organisation,
        person_id=entry.person_id,
        person=row.person,
        level=entry.level,
        instrument=entry.instrument,
        instrument_version=entry.instrument_version,
        recognised_on=entry.recognised_on,
        renewed_on=entry.renewed_on,
        valid_until=entry.valid_until,
        name=entry.name,
        place=entry.place,
        shown=entry.shown,
        state=State(entry.state),
        renewal_asked_at=entry.renewal_asked_at,
    )
