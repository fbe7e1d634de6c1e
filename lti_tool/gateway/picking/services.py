"""Beginning a pick, and answering the LMS with what was picked."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import PlannedPlacement
from lti_tool.courses.rules import Enrolled, GradeRule
from lti_tool.gateway.picking.models import Pick
from lti_tool.gateway.picking.queries import OpenPick, unanswered_drafts
from lti_tool.gateway.picking.rules import (
    MOST_DRAFTS,
    PICK_LIFE,
    Draft,
    carried,
    is_refused_return,
    link_item,
    settings_as_json,
    source_of,
)
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.rules import ASK_SUPPORT, KnownRegistration
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.lti.deep_linking import deep_linking_response
from lti_tool.lti.messages import Launch
from lti_tool.lti.platforms import platform_for
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.substitutions import DATES, HISTORIES, asked
from lti_tool.web.requests import runtime

# After that nobody asks any more why a pick does not open.
_FORGOTTEN_AFTER = timedelta(days=1)
# What an LMS is asked to fill in. Moodle 4.5 knows the history of a course alone, and would show
# teachers the names of all others as they stand.
_WANTED: Mapping[str, str] = {**DATES, **HISTORIES}
_WANTED_OF: Mapping[str, Mapping[str, str]] = {
    "moodle": {name: _WANTED[name] for name in ("context_history",)}
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser posts to the LMS as `JWT`, to where, and the one origin that is meant."""

    return_url: str
    origin: str
    token: str
    items: int


def begin_pick(
    session: Session, registration: KnownRegistration, launch: Launch, enrolled: Enrolled
) -> str:
    """Stores what the LMS asked for, and returns the public id of the pick.

    What somebody put together before and did not send comes along: an LMS that opens its dialogue
    again makes a new request each time. Raises `NotAllowed` for anyone but a tutor, and
    `InvalidInput` for an LMS that wants its answer where none may be sent.
    """
    if not {role.value for role in launch.roles} & {Role.TUTOR, Role.ADMINISTRATOR}:
        raise NotAllowed(
            N_("Only tutors choose activities for a course."),
            code="role-not-allowed",
            advice=N_(
                "If you teach here, ask the people who run your course to say so in the LMS."
            ),
        )
    settings = launch.deep_linking
    login_url = registration.protocol.auth_login_url
    if (
        settings is None
        or source_of(settings.return_url) is None
        or is_refused_return(settings.return_url, login_url)
    ):
        raise InvalidInput(
            N_("Your LMS wants the answer sent to an address that is not safe."),
            code="return-address-refused",
            advice=ASK_SUPPORT,
        )
    # What this very launch says, and not what somebody once registered: the items depend on it.
    asks = settings_as_json(settings) | {"product": launch.platform.product_family_code[:60]}
    now = clock.now()
    session.execute(delete(Pick).where(Pick.ends_at <= now - _FORGOTTEN_AFTER))
    public_id = new_public_id()
    unsent = carried(unanswered_drafts(session, enrolled.membership_id))
    session.execute(
        insert(Pick).values(
            public_id=public_id,
            membership_id=enrolled.membership_id,
            registration_id=registration.protocol.id,
            deployment=launch.deployment_id,
            sealed=runtime().secrets.encrypt(json.dumps(asks).encode()),
            drafts=[draft.as_json() for draft in unsent],
            made_at=now,
            ends_at=now + PICK_LIFE,
            used_at=None,
        )
    )
    return public_id


def keep_drafts(session: Session, pick: OpenPick, drafts: Iterable[Draft]) -> None:
    """Stores what the tutor has put together so far; raises `InvalidInput` for too many."""
    stored = [draft.as_json() for draft in drafts]
    if len(stored) > MOST_DRAFTS:
        raise InvalidInput(
            N_("You have chosen %(limit)s activities; more cannot be sent at once."),
            code="drafts-too-many",
            advice=N_("Add these to your course first. Then come back for the next."),
            params={"limit": MOST_DRAFTS},
        )
    session.execute(update(Pick).where(Pick.id == pick.id).values(drafts=stored))


def answer_pick(
    session: Session,
    actor: Actor,
    pick: OpenPick,
    drafts: Sequence[Draft],
    key: SigningKey,
    *,
    problem: str = "",
) -> Answer:
    """Plans the placements, ends the pick, and returns the signed answer to the LMS.

    No drafts means that nothing was chosen. Raises `InvalidInput` for what the LMS does not
    take (`items-not-accepted`, `one-item-only`), and `Conflict` where its connection is gone or
    another tab has answered.
    """
    registration = registration_by_id(session, pick.registration_id)
    used = session.execute(
        update(Pick)
        .where(Pick.id == pick.id, Pick.used_at.is_(None))
        .values(used_at=clock.now(), drafts=[])
    )
    if registration is None or used.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(
            N_("Your choice was sent to your course already, and can be sent only once."),
            code="pick-used",
        )
    names_address = platform_for(pick.lms).items_name_address
    launch_url = f"{runtime().settings.base_url}/lti/launch" if names_address else ""
    variables = asked(_WANTED_OF.get(pick.lms, _WANTED))
    items = [
        link_item(draft, _plan(session, actor, pick, draft), launch_url, variables)
        for draft in drafts
    ]
    token = deep_linking_response(
        registration.protocol,
        pick.deployment,
        pick.settings,
        items,
        key,
        now=clock.now(),
        problem=problem,
    )
    return_url = pick.settings.return_url
    return Answer(return_url, source_of(return_url) or "", token, len(items))


def _plan(session: Session, actor: Actor, pick: OpenPick, draft: Draft) -> str:
    """Stores what was picked; its public id is what later launches of the link name."""
    public_id = new_public_id()
    set_up = draft.set_up
    session.execute(
        insert(PlannedPlacement).values(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            registration_id=pick.registration_id,
            course_id=actor.course_id,
            made_by=actor.person_id,
            made_at=clock.now(),
            title=draft.title,
            text=draft.text,
            instrument=set_up.instrument,
            domains=list(set_up.domains),
            grade_rule=set_up.grade_rule.value,
            grade_parts=draft.grade_parts.value,
            points=None if set_up.grade_rule is GradeRule.NONE else draft.points,
            **asdict(draft.dates),
        )
    )
    return public_id
