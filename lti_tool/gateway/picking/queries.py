"""Reading of picks: each belongs to one membership, and nobody else finds it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Membership
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.picking.models import Pick
from lti_tool.gateway.picking.rules import Draft, draft_from, settings_from
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotFound
from lti_tool.kernel.secrets import SecretBox
from lti_tool.kernel.text import N_
from lti_tool.lti.messages import DeepLinkingSettings

AGAIN = N_("Begin again from the place in your course where you add activities.")


@dataclass(frozen=True, slots=True)
class OpenPick:
    """A pick that is not answered yet."""

    id: int
    public_id: str
    registration_id: int
    deployment: str
    course_title: str
    lms: str
    settings: DeepLinkingSettings
    drafts: tuple[Draft, ...]

    def draft(self, name: str) -> Draft:
        """Returns one of its drafts; raises `NotFound`."""
        for one in self.drafts:
            if one.id == name:
                return one
        raise NotFound(
            N_("This activity is no longer on your list."),
            code="draft-unknown",
            advice=N_("Go back to the list and choose again."),
        )


def open_pick(
    session: Session, actor: Actor, public_id: str, box: SecretBox, *, to_change: bool = False
) -> OpenPick:
    """Returns the actor's own pick, locked when it is to be changed.

    Raises `NotFound` for anyone else's or an unknown one, `Conflict` for one that was answered
    (`pick-used`) or is too old (`pick-expired`).
    """
    wanted = (
        select(Pick, Course.title, RegistrationRow.product)
        .join(Membership, Membership.id == Pick.membership_id)
        .join(Course, Course.id == Membership.course_id)
        .join(RegistrationRow, RegistrationRow.id == Pick.registration_id)
        .where(Pick.public_id == public_id, Pick.membership_id == actor.membership_id)
    )
    row = session.execute(wanted.with_for_update(of=Pick) if to_change else wanted).first()
    if row is None:
        raise NotFound(N_("There is nothing to choose here."), code="pick-unknown", advice=AGAIN)
    pick = row.Pick
    if pick.used_at is not None:
        raise Conflict(
            N_("Your choice was sent to your course already, and can be sent only once."),
            code="pick-used",
            advice=AGAIN,
        )
    if pick.ends_at <= clock.now():
        raise Conflict(
            N_("Your course has been waiting for this choice for too long."),
            code="pick-expired",
            advice=AGAIN,
        )
    asks: dict[str, Any] = json.loads(box.decrypt(pick.sealed))
    product = asks.pop("product", row.product)
    return OpenPick(
        id=pick.id,
        public_id=pick.public_id,
        registration_id=pick.registration_id,
        deployment=pick.deployment,
        course_title=row.title,
        lms=product,
        settings=settings_from(asks),
        drafts=drafts_from(pick.drafts),
    )


def drafts_from(stored: list[dict[str, Any]]) -> tuple[Draft, ...]:
    """Returns the drafts of a pick as they were stored."""
    return tuple(draft_from(one) for one in stored)


def unanswered_drafts(session: Session, membership_id: int) -> tuple[Draft, ...]:
    """Returns what somebody put together and did not send, when an LMS opens the picker anew."""
    stored = session.execute(
        select(Pick.drafts)
        .where(
            Pick.membership_id == membership_id,
            Pick.used_at.is_(None),
            Pick.ends_at > clock.now(),
        )
        .order_by(Pick.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return drafts_from(stored or [])
