"""Reading of shared links: the owner's by person, a reader's by the digest of the token."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Organisation, Person, Placement
from lti_tool.courses.rules import display_name
from lti_tool.exports.sharing.models import LinkOpening, SharedLink
from lti_tool.exports.sharing.rules import SHOWN_OPENINGS, Part, State, Terms, state_of
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.text import N_

# What `new_token` makes. Anything longer is not worth a look.
_LONGEST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class Opening:
    """A minute in which a link was opened or fetched for a preview, and how often."""

    at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as its owner sees it. `token_sealed` is empty once it was withdrawn."""

    id: int
    public_id: str
    token_sealed: str
    placement_id: int
    placement_title: str
    instrument: str
    terms: Terms
    state: State
    created_at: datetime
    withdrawn_at: datetime | None
    opened: int = 0
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedView:
    """An open link as a reader's page needs it."""

    id: int
    person_id: int
    person_name: str
    organisation_id: int
    organisation_name: str
    placement_id: int
    instrument: str
    parts: frozenset[Part]
    ends_on: date


_LINK = select(SharedLink, Placement.title.label("placement_title")).join(
    Placement, Placement.id == SharedLink.placement_id
)


def links_of(session: Session, actor: Actor, today: date) -> list[LinkView]:
    """Returns the actor's own links, newest first, with their openings."""
    found = _views(session, _LINK.where(*_own(actor)).order_by(SharedLink.id.desc()), today)
    logs = openings_of(session, [link.id for link in found])
    return [_with_openings(link, logs.get(link.id, [])) for link in found]


def link_of(session: Session, actor: Actor, public_id: str, today: date) -> LinkView:
    """Returns one of the actor's own links; raises `NotFound` for any other."""
    wanted = _LINK.where(*_own(actor), SharedLink.public_id == public_id)
    for link in _views(session, wanted, today):
        return _with_openings(link, openings_of(session, [link.id]).get(link.id, []))
    raise NotFound(
        N_("There is no such link among yours."),
        code="link-unknown",
        advice=N_("Look at the list of your links."),
    )


def count_links(session: Session, actor: Actor) -> int:
    """Returns how many links the actor has that were not withdrawn."""
    wanted = select(func.count()).select_from(SharedLink)
    wanted = wanted.where(*_own(actor), SharedLink.withdrawn_at.is_(None))
    return session.execute(wanted).scalar_one()


def open_link(session: Session, token: str, today: date) -> SharedView:
    """Returns what a reader with this token may see.

    Raises `NotFound` with one sentence for every token that opens nothing: a stranger cannot
    tell one that has ended or was withdrawn from one that never was. The row is found by the
    token's digest, in one step whatever the token, so that nothing is to be learnt from time.
    """
    row = session.execute(
        select(SharedLink, Person.name, Person.public_id, Organisation.name.label("organisation"))
        .join(Person, Person.id == SharedLink.person_id)
        .join(Organisation, Organisation.id == SharedLink.organisation_id)
        .where(SharedLink.token_digest == digest(token[:_LONGEST_TOKEN]))
    ).first()
    link: SharedLink | None = row[0] if row else None
    if row is None or link is None or _state(link, today) is not State.OPEN:
        raise NotFound(
            N_("There is nothing to see at this link."),
            code="link-closed",
            advice=N_(
                "It may have ended, or not all of the address was copied. Ask the person who"
                " sent it to you for a new link."
            ),
        )
    return SharedView(
        id=link.id,
        person_id=link.person_id,
        person_name=display_name(row.name, row.public_id),
        organisation_id=link.organisation_id,
        organisation_name=row.organisation,
        placement_id=link.placement_id,
        instrument=link.instrument,
        parts=frozenset(_parts(link)),
        ends_on=link.ends_on,
    )


def sharer(session: Session, actor: Actor) -> tuple[str, str]:
    """Returns how a reader is told who shares: the actor's name and their organisation's."""
    row = session.execute(
        select(Person.name, Person.public_id, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id == actor.person_id)
    ).one()
    return display_name(row.name, row.public_id), row.organisation


def openings_of(session: Session, link_ids: Collection[int]) -> dict[int, list[Opening]]:
    """Returns the openings of links by link, newest first."""
    rows = session.execute(
        select(LinkOpening.link_id, LinkOpening.opened_at, LinkOpening.times)
        .where(LinkOpening.link_id.in_(link_ids))
        .order_by(LinkOpening.opened_at.desc())
    )
    found: dict[int, list[Opening]] = defaultdict(list)
    for row in rows:
        found[row.link_id].append(Opening(row.opened_at, row.times))
    return found


def _own(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        SharedLink.person_id == actor.person_id,
        SharedLink.organisation_id == actor.organisation_id,
    )


def _views(session: Session, wanted: Select[SharedLink, str], today: date) -> list[LinkView]:
    return [
        LinkView(
            id=link.id,
            public_id=link.public_id,
            token_sealed=link.token_sealed,
            placement_id=link.placement_id,
            placement_title=title,
            instrument=link.instrument,
            terms=Terms(link.label, _parts(link), link.ends_on),
            state=_state(link, today),
            created_at=link.created_at,
            withdrawn_at=link.withdrawn_at,
        )
        for link, title in session.execute(wanted)
    ]


def _with_openings(link: LinkView, openings: list[Opening]) -> LinkView:
    total = sum(one.times for one in openings)
    return replace(link, opened=total, openings=tuple(openings[:SHOWN_OPENINGS]))


def _parts(link: SharedLink) -> tuple[Part, ...]:
    """Parts in the order of the page; a name of a later version counts as not chosen."""
    return tuple(part for part in Part if part.value in link.parts)


def _state(link: SharedLink, today: date) -> State:
    return state_of(link.ends_on, link.withdrawn_at, today)
