"""Changes of an entry: renewing, suspending, restoring, showing and hiding."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed
from lti_tool.kernel.text import N_
from lti_tool.register import log
from lti_tool.register.issuing import Issuer, issue, set_suspended
from lti_tool.register.log import Author
from lti_tool.register.models import RegisterEntry
from lti_tool.register.queries import EntryView, entry_of_organisation, own_entry, terms_of
from lti_tool.register.rules import (
    Act,
    By,
    Showing,
    State,
    reminder_day,
    renewed_until,
)
from lti_tool.register.searching import kept_folded
from lti_tool.register.terms import check_administrator


def renew(
    session: Session,
    issuer: Issuer,
    actor: Actor,
    public_id: str,
    reason: str,
    *,
    today: date,
) -> None:
    """Renews an entry for the organisation's years, with a credential of the new dates.

    Raises `NotAllowed` for anyone but an administrator and for one's own entry, `NotFound`
    for another organisation's, `Conflict` while it is suspended.
    """
    entry = _to_administer(session, actor, public_id)
    if entry.state == State.SUSPENDED:
        raise Conflict(
            N_("This entry is suspended."),
            code="entry-suspended",
            advice=N_("Restore it first, then renew it."),
        )
    terms = terms_of(session, actor.organisation_id)
    entry.valid_until = renewed_until(entry.valid_until, today, terms.years)
    entry.renewed_on, entry.renewal_asked_at = today, None
    author = Author(By.ADMINISTRATOR, actor.person_id)
    log.write(session, entry.id, Act.RENEWED, author, reason=reason, details=log.facts_of(entry))
    issue(session, issuer, entry)


def suspend(session: Session, actor: Actor, public_id: str, reason: str) -> None:
    """Suspends an entry at once, with its credentials. Raises as `renew` does."""
    entry = _to_administer(session, actor, public_id)
    _settle(session, actor, entry, State.SUSPENDED, reason)


def restore(session: Session, actor: Actor, public_id: str, reason: str) -> None:
    """Restores a suspended entry with its credentials. Raises as `renew` does."""
    entry = _to_administer(session, actor, public_id)
    _settle(session, actor, entry, State.RECOGNISED, reason)


def show(session: Session, actor: Actor, public_id: str, showing: Showing) -> None:
    """Changes what the owner decides: shown or hidden, name, place. Raises `NotFound`."""
    entry = _own(session, actor, public_id)
    author = Author(By.OWNER, actor.person_id)
    if entry.name != showing.name:
        log.write(session, entry.id, Act.NAMED, author, details=_from_to(entry.name, showing.name))
        entry.name, entry.name_words = showing.name, kept_folded(showing.name)
    if entry.place != showing.place:
        details = _from_to(entry.place, showing.place)
        log.write(session, entry.id, Act.PLACED, author, details=details)
        entry.place, entry.place_words = showing.place, kept_folded(showing.place)
    if entry.shown != showing.shown:
        log.write(session, entry.id, Act.SHOWN if showing.shown else Act.HIDDEN, author)
        entry.shown = showing.shown
    session.flush()


def ask_renewal(
    session: Session,
    actor: Actor,
    public_id: str,
    taken: tuple[int, int],
    *,
    today: date,
) -> None:
    """Notes that the owner asks for renewal, with entries and quarter hours of training `taken`.

    Asking twice changes nothing. Raises `NotFound`, or `Conflict` while it is too early.
    """
    entry = _own(session, actor, public_id)
    if entry.renewal_asked_at is not None:
        return
    terms = terms_of(session, entry.organisation_id)
    opens = reminder_day(entry.valid_until, terms.remind_months)
    if today < opens or entry.state == State.SUSPENDED:
        raise Conflict(
            N_("This entry cannot be renewed yet."),
            code="renewal-too-early",
            advice=N_("Your recognition page says from which day you can ask."),
        )
    entry.renewal_asked_at = clock.now()
    details = {"entries": taken[0], "quarter_hours": taken[1]}
    author = Author(By.OWNER, actor.person_id)
    log.write(session, entry.id, Act.RENEWAL_ASKED, author, details=details)


def _settle(
    session: Session, actor: Actor, entry: RegisterEntry, state: State, reason: str
) -> None:
    if entry.state == state:
        return
    entry.state = state.value
    is_suspended = state is State.SUSPENDED
    set_suspended(session, entry.id, suspended=is_suspended)
    act = Act.SUSPENDED if is_suspended else Act.RESTORED
    author = Author(By.ADMINISTRATOR, actor.person_id)
    log.write(session, entry.id, act, author, reason=reason)


def _own(session: Session, actor: Actor, public_id: str) -> RegisterEntry:
    return _locked(session, own_entry(session, actor, public_id))


def _to_administer(session: Session, actor: Actor, public_id: str) -> RegisterEntry:
    check_administrator(actor)
    found = entry_of_organisation(session, actor, public_id)
    if found.person_id == actor.person_id:
        raise NotAllowed(
            N_("This entry is your own."),
            code="own-entry",
            advice=N_("Ask another administrator of your organisation to decide on it."),
        )
    return _locked(session, found)


def _locked(session: Session, found: EntryView) -> RegisterEntry:
    """Returns the row as it stands now, with others who would change it waiting.

    The person is locked first, as in `recognise`: two orders would wait for each other.
    """
    lock_person(session, found.person_id)
    return session.execute(
        select(RegisterEntry)
        .where(RegisterEntry.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _from_to(before: str, after: str) -> dict[str, Any]:
    return {"from": before, "to": after}
