"""Making, changing and withdrawing shared links, and noting that one was opened."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.exports.sharing.models import LinkOpening, SharedLink
from lti_tool.exports.sharing.queries import count_links, link_of
from lti_tool.exports.sharing.rules import MOST_LINKS, State, Terms
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Conflict, Misconfigured, NotAllowed
from lti_tool.kernel.secrets import SecretBox, digest, new_public_id, new_token
from lti_tool.kernel.text import N_

_FORGOTTEN = ""


def make_link(
    session: Session,
    actor: Actor,
    box: SecretBox,
    place: PlacementView,
    terms: Terms,
) -> str:
    """Stores a new link to the actor's own plan and returns its public id.

    Raises `NotAllowed` for anyone but a learner, `Conflict` with too many links.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners share their plans."), code="role-not-allowed")
    lock_person(session, actor.person_id)
    if count_links(session, actor) >= MOST_LINKS:
        raise Conflict(
            N_("You have %(most)s links already, and that is the most there can be."),
            code="too-many-links",
            advice=N_("Withdraw one that nobody needs any more, then make the new one."),
            params={"most": MOST_LINKS},
        )
    token, public_id, now = new_token(), new_public_id(), clock.now()
    session.add(
        SharedLink(
            public_id=public_id,
            token_digest=digest(token),
            token_sealed=box.encrypt(token.encode()),
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            course_id=place.course_id,
            placement_id=place.id,
            instrument=place.set_up.instrument,
            label=terms.label,
            parts=[part.value for part in terms.parts],
            created_at=now,
            changed_at=now,
            ends_on=terms.ends_on,
            withdrawn_at=None,
        )
    )
    session.flush()
    return public_id


def change_link(
    session: Session, actor: Actor, public_id: str, terms: Terms, *, today: date
) -> None:
    """Changes what a link shows, its name and its last day; its address stays the same.

    Raises `NotFound` for somebody else's link, `Conflict` for one that was withdrawn.
    """
    lock_person(session, actor.person_id)
    link = link_of(session, actor, public_id, today)
    if link.state is State.WITHDRAWN:
        raise Conflict(
            N_("This link was withdrawn, and stays so."),
            code="link-withdrawn",
            advice=N_("Make a new link."),
        )
    session.execute(
        update(SharedLink)
        .where(SharedLink.id == link.id)
        .values(
            label=terms.label,
            parts=[part.value for part in terms.parts],
            ends_on=terms.ends_on,
            changed_at=clock.now(),
        )
    )


def withdraw_link(session: Session, actor: Actor, public_id: str, *, today: date) -> None:
    """Closes a link at once and for ever; doing it twice changes nothing. Raises `NotFound`."""
    link = link_of(session, actor, public_id, today)
    session.execute(
        update(SharedLink)
        .where(SharedLink.id == link.id, SharedLink.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), token_sealed=_FORGOTTEN)
    )


def note_opening(session: Session, link_id: int, at: datetime) -> None:
    """Counts one opening in its minute. One row for each minute bounds what a stranger can add."""
    minute = at.replace(second=0, microsecond=0)
    open_still = select(SharedLink.id).where(SharedLink.id == link_id).with_for_update()
    if session.execute(open_still).first() is None:
        return
    session.execute(
        insert_into(session, LinkOpening)
        .values(link_id=link_id, opened_at=minute, times=1)
        .on_conflict_do_update(
            index_elements=["link_id", "opened_at"], set_={"times": LinkOpening.times + 1}
        )
    )


def token_of(box: SecretBox, token_sealed: str) -> str | None:
    """Returns a link's token, or None when it was withdrawn or sealed under another secret."""
    if not token_sealed:
        return None
    try:
        return box.decrypt(token_sealed).decode()
    except Misconfigured:
        return None
