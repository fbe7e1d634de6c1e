"""Putting a person on the register: what a review, or an operator, ends in."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.codes import new_code
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.register import log
from lti_tool.register.issuing import Issuer, issue
from lti_tool.register.log import Author
from lti_tool.register.models import RegisterEntry
from lti_tool.register.queries import terms_of
from lti_tool.register.rules import LEVELS, Act, Recognition, State, Terms, is_plausible, last_day
from lti_tool.register.searching import kept_folded
from lti_tool.register.terms import ensure_terms


def recognise(session: Session, issuer: Issuer, recognition: Recognition, *, today: date) -> str:
    """Puts a person on the register and signs their credential; returns the entry's public id.

    A recognition at a level where they are already renews that entry. The same reference a
    second time changes nothing. Raises `InvalidInput` for what cannot be, and `NotFound` for a
    person of another organisation.
    """
    _check(recognition, today)
    lock_person(session, recognition.person_id)
    ensure_terms(session, recognition.organisation_id)
    terms = terms_of(session, recognition.organisation_id)
    entry = session.execute(
        select(RegisterEntry).where(
            RegisterEntry.person_id == recognition.person_id,
            RegisterEntry.level == recognition.level,
        )
    ).scalar_one_or_none()
    if entry is None:
        entry = _added(session, recognition, terms)
        act = Act.RECOGNISED
    elif log.has_counted(session, entry.id, recognition.reference):
        return entry.public_id
    else:
        _recognise_again(entry, recognition, terms)
        act = Act.RENEWED
    log.write(
        session,
        entry.id,
        act,
        Author(recognition.by, recognition.by_person_id),
        reference=recognition.reference,
        details=log.facts_of(entry),
    )
    issue(session, issuer, entry)
    return entry.public_id


def _check(recognition: Recognition, today: date) -> None:
    if recognition.level not in LEVELS:
        raise InvalidInput(N_("A level is 1, 2 or 3."), code="level-unknown")
    if not is_plausible(recognition.recognised_on, today):
        raise InvalidInput(
            N_("The day of recognition cannot be ahead, or more than 40 years ago."),
            code="day-implausible",
        )


def _added(session: Session, recognition: Recognition, terms: Terms) -> RegisterEntry:
    person = session.execute(
        select(Person.name, Person.public_id).where(
            Person.id == recognition.person_id,
            Person.organisation_id == recognition.organisation_id,
        )
    ).first()
    if person is None:
        raise NotFound(N_("There is no such person in that organisation."), code="person-unknown")
    name = display_name(person.name, person.public_id)
    entry = RegisterEntry(
        public_id=new_public_id(),
        code=new_code(),
        organisation_id=recognition.organisation_id,
        person_id=recognition.person_id,
        level=recognition.level,
        instrument=recognition.instrument,
        instrument_version=recognition.instrument_version,
        recognised_on=recognition.recognised_on,
        renewed_on=None,
        valid_until=last_day(recognition.recognised_on, terms.years),
        name=name,
        name_words=kept_folded(name),
        place="",
        place_words="",
        # Whoever has no name here is not put before the public under a made one.
        shown=terms.shown and bool(person.name),
        state=State.RECOGNISED.value,
        renewal_asked_at=None,
        created_at=clock.now(),
    )
    session.add(entry)
    session.flush()
    return entry


def _recognise_again(entry: RegisterEntry, recognition: Recognition, terms: Terms) -> None:
    """A second portfolio of the same level: later dates count; a suspension stays as it is."""
    entry.instrument = recognition.instrument
    entry.instrument_version = recognition.instrument_version
    entry.renewed_on, entry.renewal_asked_at = recognition.recognised_on, None
    again = last_day(recognition.recognised_on, terms.years)
    entry.valid_until = max(entry.valid_until, again)
