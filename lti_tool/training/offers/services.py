"""Own offers: added, changed, archived and put back. `decisions` has the rest."""

import re
import unicodedata
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import library
from lti_tool.courses.models import Placement
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.training.offers.managing import own_facts_of, own_offer, rows_of
from lti_tool.training.offers.models import OwnOffer, OwnRule
from lti_tool.training.offers.raw import raw_of
from lti_tool.training.offers.rules import OWN
from lti_tool.training.offers.terms import Terms, self_assessments
from lti_tool.training.offers.wishes import Wish, parse_wish


def add_offer(session: Session, actor: Actor, wish: Wish, *, course_id: int | None) -> str:
    """Adds an own offer and returns its key; `course_id` binds it to that course.

    Raises `NotAllowed` for what the actor does not manage, `Conflict` for a reference that is
    taken in that scope.
    """
    check_scope(actor, course_id)
    taken = {row.reference for row in rows_of(session, actor.organisation_id, course_id)}
    reference = wish.reference or _free_reference(wish.title, taken)
    if reference in taken:
        raise _reference_taken()
    now = clock.now()
    row = OwnOffer(
        public_id=new_public_id(),
        organisation_id=actor.organisation_id,
        course_id=course_id,
        reference=reference,
        position=None,
        archived_at=None,
        created_by=actor.person_id,
        created_at=now,
        changed_by=actor.person_id,
        changed_at=now,
        before=None,
        version=1,
        **_values(session, wish, course_id),
    )
    session.add(row)
    session.flush()
    _store_rules(session, row.id, wish)
    return OWN + row.public_id


def change_offer(
    session: Session, actor: Actor, key: str, wish: Wish, *, seen_version: int | None
) -> None:
    """Changes an own offer; raises `Conflict` when it is not as seen (None: whatever it is)."""
    facts = own_facts_of(session, actor, key)
    before = raw_of(facts, Terms(self_assessments(library())))
    row = own_offer(session, actor, key)
    if seen_version not in (None, row.version):
        raise changed_meanwhile()
    if wish.reference and wish.reference != row.reference:
        others = rows_of(session, actor.organisation_id, row.course_id)
        if wish.reference in {other.reference for other in others}:
            raise _reference_taken()
    values = _values(session, wish, row.course_id)
    reference = wish.reference or row.reference
    change_row(session, actor, row, reference=reference, before=before, **values)
    session.execute(delete(OwnRule).where(OwnRule.offer_id == row.id))
    _store_rules(session, row.id, wish)


def undo_change(
    session: Session, actor: Actor, key: str, *, terms: Terms, seen_version: int
) -> None:
    """Takes the last edit of an own offer back; doing it again brings the edit back.

    Raises `Conflict` when it was changed meanwhile, or cannot be as it was.
    """
    row = own_offer(session, actor, key)
    wish, _mistakes = parse_wish(row.before or {}, terms, clock.now().date())
    if wish is None:
        raise nothing_to_undo()
    change_offer(session, actor, key, wish, seen_version=seen_version)


def archive_offer(session: Session, actor: Actor, key: str) -> None:
    """Takes an own offer out of the catalogue; it is kept, since goals and records name it."""
    change_row(session, actor, own_offer(session, actor, key), archived_at=clock.now())


def restore_offer(session: Session, actor: Actor, key: str) -> None:
    """Puts an archived offer back where it was."""
    change_row(session, actor, own_offer(session, actor, key), archived_at=None)


def check_scope(actor: Actor, course_id: int | None) -> None:
    """A tutor manages what is bound to their own course; the rest is for administrators."""
    if actor.is_administrator or (actor.is_tutor and course_id == actor.course_id):
        return
    raise NotAllowed(
        N_("Only an administrator changes what holds for the whole organisation."),
        code="administrators-only",
        advice=N_("You can add offers of your own to your course."),
    )


def _values(session: Session, wish: Wish, course_id: int | None) -> dict[str, Any]:
    placement_id = None
    if wish.placement:
        placement_id = session.execute(
            select(Placement.id).where(
                Placement.public_id == wish.placement, Placement.course_id == course_id
            )
        ).scalar_one_or_none()
        if placement_id is None:
            raise InvalidInput(N_("This activity is not in the offer's course."))
    return {
        "title": wish.title,
        "provider": wish.provider,
        "description": wish.description,
        "format": wish.format.value if wish.format else "",
        "length": wish.length,
        "cost": wish.cost,
        "address": wish.address,
        "placement_id": placement_id,
        "checked_on": wish.checked_on,
        "hidden": not wish.shown,
    }


def _store_rules(session: Session, offer_id: int, wish: Wish) -> None:
    for place, rule in enumerate(wish.rules):
        session.execute(
            insert(OwnRule).values(
                offer_id=offer_id,
                place=place,
                instruments=list(rule.instruments),
                domains=list(rule.domains),
                codes=list(rule.codes),
                results=[state.value for state in rule.results],
                essential=rule.essential,
            )
        )


def change_row(session: Session, actor: Actor, row: OwnOffer, **values: Any) -> None:
    """Changes an own offer and notes by whom, and when."""
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_by = actor.person_id
    row.changed_at = clock.now()
    row.version += 1
    session.flush()


def _free_reference(title: str, taken: set[str]) -> str:
    """Returns a short name made of a title, with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "offer"
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _reference_taken() -> Conflict:
    return Conflict(
        N_("Another offer has this reference already, perhaps an archived one."),
        code="reference-taken",
        advice=N_("Choose another, or leave it empty and one is made."),
    )


def nothing_to_undo() -> Conflict:
    """Returns the error for an edit that cannot be taken back."""
    return Conflict(
        N_("There is no edit to undo, or it cannot be as it was before."),
        code="offer-undo",
        advice=N_("Open the offer and change it by hand."),
    )


def changed_meanwhile() -> Conflict:
    """Returns the error for an offer that is no longer as somebody saw it."""
    return Conflict(
        N_("This offer was changed meanwhile, by somebody else or in another tab."),
        code="offer-changed",
        advice=N_("Look at how it stands now, and save again if yours shall hold."),
    )
