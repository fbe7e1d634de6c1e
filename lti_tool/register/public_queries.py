"""What anybody may read of the register: those who are shown, and whoever has a verifying link.

One statement answers for the hidden, the suspended and the unknown alike: it looks for an entry
that may be seen, and finds none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Organisation
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.register.models import (
    RegisterCredential,
    RegisterEntry,
    RegisterTerms,
    StatusList,
)
from lti_tool.register.rules import Standing, State, standing
from lti_tool.register.searching import MOST_PAGES, MOST_PAGES_OF_ALL, PAGE_SIZE, Search, pattern


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """An entry as the public reads it. `code` is for its verifying page alone."""

    public_id: str
    name: str
    place: str
    level: int
    organisation: str
    organisation_id: str
    recognised_on: date
    valid_until: date
    standing: Standing
    code: str


@dataclass(frozen=True, slots=True)
class PublicOrganisation:
    """An organisation with a part of the register."""

    id: int
    public_id: str
    name: str
    lists_all: bool


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found. `is_cut` says that there is more than anybody is shown."""

    entries: tuple[PublicEntry, ...]
    page: int
    has_more: bool
    is_cut: bool


NOTHING = Results((), 1, has_more=False, is_cut=False)


def organisations(session: Session) -> list[PublicOrganisation]:
    """Returns the organisations that have a part of the register, by name."""
    rows = session.execute(_organisations().order_by(Organisation.name))
    return [PublicOrganisation(*row) for row in rows]


def organisation_by_public_id(session: Session, public_id: str) -> PublicOrganisation:
    """Returns an organisation of the register; raises `NotFound`."""
    row = session.execute(_organisations().where(RegisterTerms.public_id == public_id)).first()
    if row is None:
        raise NotFound(N_("There is no such organisation here."), code="organisation-unknown")
    return PublicOrganisation(*row)


def may_list(search: Search, known: Sequence[PublicOrganisation]) -> bool:
    """Says whether a search that names nobody may list everybody of its organisation."""
    return search.is_blank and any(
        one.lists_all and one.public_id == search.organisation for one in known
    )


def find(
    session: Session, search: Search, known: Sequence[PublicOrganisation], today: date
) -> Results:
    """Returns a page of those who are shown and found; nothing for a search that says too little.

    Without a list of its own that an organisation allows, five pages is all that one search
    shows: who looks for somebody knows more of them than that.
    """
    lists = may_list(search, known)
    if not (search.says_enough or lists):
        return NOTHING
    most = MOST_PAGES_OF_ALL if lists else MOST_PAGES
    page = min(max(search.page, 1), most)
    rows = session.execute(
        _seen(today)
        .where(*_conditions(search))
        .order_by(RegisterEntry.name_words, RegisterEntry.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    more = len(rows) > PAGE_SIZE
    found = tuple(_public(row, today) for row in rows[:PAGE_SIZE])
    return Results(found, page, has_more=more and page < most, is_cut=more and page == most)


def shown_entry(session: Session, public_id: str, today: date) -> PublicEntry:
    """Returns an entry that its owner shows; raises the same `NotFound` for all others."""
    row = session.execute(
        _joined().where(RegisterEntry.public_id == public_id, *_is_shown())
    ).first()
    if row is None:
        raise NotFound(
            N_("Nobody is shown on the register at this address."),
            code="entry-unknown",
            advice=N_(
                "People choose whether they are shown. If you were given a code to verify an"
                " entry, use that."
            ),
        )
    return _public(row, today)


def entry_by_code(session: Session, code: str, today: date) -> PublicEntry:
    """Returns the entry that a code verifies, shown or hidden, suspended or ended."""
    row = session.execute(_joined().where(RegisterEntry.code == code)).first()
    if row is None:
        raise unknown_code()
    return _public(row, today)


def unknown_code() -> NotFound:
    """Returns the refusal of a code that verifies nothing."""
    return NotFound(
        N_("This code verifies no entry of the register."),
        code="code-unknown",
        advice=N_("Compare it with the certificate: it has 12 letters and digits."),
    )


def status_list(session: Session, number: int) -> tuple[PublicOrganisation, list[int]] | None:
    """Returns whose status list a number is, and which of its places are set; None for none."""
    row = session.execute(
        _organisations()
        .join(StatusList, StatusList.organisation_id == RegisterTerms.organisation_id)
        .where(StatusList.id == number)
    ).first()
    if row is None:
        return None
    places = session.execute(
        select(RegisterCredential.status_index)
        .where(RegisterCredential.status_list_id == number, RegisterCredential.suspended)
        .order_by(RegisterCredential.status_index)
    ).scalars()
    return PublicOrganisation(*row), list(places)


def _organisations() -> Select[*tuple[Any, ...]]:
    return select(
        Organisation.id, RegisterTerms.public_id, Organisation.name, RegisterTerms.lists_all
    ).join(RegisterTerms, RegisterTerms.organisation_id == Organisation.id)


def _joined() -> Select[*tuple[Any, ...]]:
    return (
        select(
            RegisterEntry,
            Organisation.name.label("organisation"),
            RegisterTerms.public_id.label("issuer"),
        )
        .join(Organisation, Organisation.id == RegisterEntry.organisation_id)
        .join(RegisterTerms, RegisterTerms.organisation_id == RegisterEntry.organisation_id)
    )


def _is_shown() -> tuple[ColumnElement[bool], ...]:
    return (RegisterEntry.shown.is_(True), RegisterEntry.state == State.RECOGNISED)


def _seen(today: date) -> Select[*tuple[Any, ...]]:
    return _joined().where(*_is_shown(), RegisterEntry.valid_until >= today)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        RegisterEntry.name_words.like(pattern(word)) for word in search.name
    ]
    conditions += [RegisterEntry.place_words.like(pattern(word)) for word in search.place]
    if search.level:
        conditions.append(RegisterEntry.level == search.level)
    if search.organisation:
        conditions.append(RegisterTerms.public_id == search.organisation)
    return conditions


def _public(row: Any, today: date) -> PublicEntry:
    entry: RegisterEntry = row.RegisterEntry
    return PublicEntry(
        public_id=entry.public_id,
        name=entry.name,
        place=entry.place,
        level=entry.level,
        organisation=row.organisation,
        organisation_id=row.issuer,
        recognised_on=entry.recognised_on,
        valid_until=entry.valid_until,
        standing=standing(State(entry.state), entry.valid_until, today),
        code=entry.code,
    )
