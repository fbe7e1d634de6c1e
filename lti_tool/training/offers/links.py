"""Whether the addresses of the catalogues still answer: `imhcf training check-links`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.http import CallFailed, HttpClient
from lti_tool.kernel.models import table_of
from lti_tool.kernel.runtime import Runtime
from lti_tool.training.offers.models import CheckedLink, Decision, OwnOffer
from lti_tool.training.offers.shipped import shipped_offers

# Something is there, though not for a program: it wants a sign-in, or sends us elsewhere.
_THERE = frozenset({"redirected", "answer-too-large"})
_GONE = frozenset({404, 410})
_HEADERS = {"Accept": "text/html,*/*"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What an address answered: `reason` is a status or a code of `CallFailed`."""

    address: str
    answered: bool
    reason: str
    checked_at: datetime


def check_links(runtime: Runtime) -> Iterator[Answered]:
    """Fetches every address that some catalogue shows, notes each answer and yields it.

    No transaction is open while an address is fetched. An address that this installation does
    not call, being private, is left out.
    """
    with runtime.database.transaction(write=False) as session:
        addresses = addresses_to_check(session)
    for address in addresses:
        found = _ask(runtime.http, address)
        if found is None:
            continue
        with runtime.database.transaction() as session:
            _note(session, found)
        yield found


def links_checked(session: Session, addresses: Collection[str]) -> Mapping[str, CheckedLink]:
    """Returns what these addresses answered when they were last fetched."""
    rows = session.execute(select(CheckedLink).where(CheckedLink.address.in_(addresses))).scalars()
    return {row.address: row for row in rows}


def addresses_to_check(session: Session) -> list[str]:
    """Returns every address that some catalogue shows, each once, in the alphabet's order."""
    own = session.execute(select(OwnOffer.address).where(OwnOffer.archived_at.is_(None))).scalars()
    decided = session.execute(select(Decision.address)).scalars()
    shipped = (offer.address for offer in shipped_offers().values())
    return sorted({address for address in (*own, *decided, *shipped) if address})


def _ask(http: HttpClient, address: str) -> Answered | None:
    try:
        status = http.get(address, headers=_HEADERS).status
    except CallFailed as failed:
        if failed.code == "address-refused":
            return None
        return Answered(address, failed.code in _THERE, failed.code, clock.now())
    is_there = status < 500 and status not in _GONE
    return Answered(address, is_there, str(status), clock.now())


def _note(session: Session, found: Answered) -> None:
    values = {
        "answered": found.answered,
        "reason": found.reason,
        "checked_at": found.checked_at,
    }
    statement = insert_into(session, table_of(CheckedLink)).values(address=found.address, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))
