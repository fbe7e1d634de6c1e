"""Older links: a person or a placement that LTI 1.1 knew, found by the LMS's migration claim.

LTI 1.1 to 1.3 Migration Guide (https://www.imsglobal.org/spec/lti/v1p3/migr). This tool never
spoke LTI 1.1; whom it knew by then is brought in by `imhcf people import-legacy`.
"""

from dataclasses import dataclass

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import (
    Course,
    Identity,
    LegacyIdentity,
    Person,
    Placement,
)
from lti_tool.courses.rules import Enrolment
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.people.models import LegacyKey
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import InvalidInput, Misconfigured, NotFound
from lti_tool.kernel.secrets import SecretBox, new_public_id
from lti_tool.kernel.text import N_
from lti_tool.lti.message_people import is_signed_with
from lti_tool.lti.messages import LegacyClaim

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OlderPerson:
    """A person as an LTI 1.1 installation knew them; `name` may be empty."""

    user_id: str
    name: str = ""


def keep_legacy_key(
    session: Session, box: SecretBox, registration_id: int, consumer_key: str, secret: str
) -> None:
    """Stores an LTI 1.1 key of a registration's LMS, or its new secret; raises `NotFound`."""
    _organisation_of(session, registration_id)
    sealed = box.encrypt(secret.encode())
    session.execute(
        insert_into(session, LegacyKey)
        .values(
            registration_id=registration_id,
            consumer_key=consumer_key,
            sealed=sealed,
            created_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["registration_id", "consumer_key"], set_={"sealed": sealed}
        )
    )


def import_older_people(
    session: Session, registration_id: int, consumer_key: str, people: list[OlderPerson]
) -> int:
    """Makes people of those whom LTI 1.1 knew; returns how many were new.

    An identifier that is known already is left as it is. Without `consumer_key` it is the one
    key of the registration. Raises `NotFound` and `InvalidInput`.
    """
    organisation_id = _organisation_of(session, registration_id)
    key = consumer_key or _only_key(session, registration_id)
    known = set(
        session.execute(
            select(LegacyIdentity.user_id).where(
                LegacyIdentity.organisation_id == organisation_id,
                LegacyIdentity.consumer_key == key,
            )
        ).scalars()
    )
    fresh = {one.user_id: one for one in people if one.user_id not in known}
    for one in fresh.values():
        person = Person(
            public_id=new_public_id(),
            organisation_id=organisation_id,
            name=one.name,
            email="",
            created_at=clock.now(),
        )
        session.add(person)
        session.flush()
        session.add(
            LegacyIdentity(
                organisation_id=organisation_id,
                consumer_key=key,
                user_id=one.user_id,
                person_id=person.id,
                created_at=clock.now(),
            )
        )
    session.flush()
    return len(fresh)


def follow_legacy(
    session: Session, box: SecretBox, enrolment: Enrolment, legacy: LegacyClaim
) -> None:
    """Ties a new `sub` to the person, and a new link to the placement, that LTI 1.1 knew.

    Only a claim that is signed with the key's secret counts; any other is noted in the log and
    is no error. A `sub` or a link that is known already stays where it is.
    """
    if not _is_trusted(session, box, enrolment.registration_id, legacy):
        log.info("older link ignored", registration=enrolment.registration_id)
        return
    _follow_person(session, enrolment, legacy)
    if enrolment.resource_link and legacy.resource_link_id:
        _follow_placement(session, enrolment, legacy.resource_link_id)


def _is_trusted(
    session: Session, box: SecretBox, registration_id: int, legacy: LegacyClaim
) -> bool:
    if not legacy.signature:
        return False
    sealed = session.execute(
        select(LegacyKey.sealed).where(
            LegacyKey.registration_id == registration_id,
            LegacyKey.consumer_key == legacy.consumer_key,
        )
    ).scalar_one_or_none()
    if sealed is None:
        return False
    try:
        secret = box.decrypt(sealed).decode()
    except Misconfigured:
        log.warning("older key unreadable", registration=registration_id)
        return False
    return is_signed_with(legacy, secret)


def _follow_person(session: Session, enrolment: Enrolment, legacy: LegacyClaim) -> None:
    here = Identity.registration_id == enrolment.registration_id
    known = session.execute(
        select(Identity.id).where(here, Identity.subject == enrolment.subject)
    ).first()
    if known is not None:
        return
    person_id = session.execute(
        select(LegacyIdentity.person_id).where(
            LegacyIdentity.organisation_id == enrolment.organisation_id,
            LegacyIdentity.consumer_key == legacy.consumer_key,
            LegacyIdentity.user_id == legacy.user_id,
        )
    ).scalar_one_or_none()
    if person_id is None:
        # An LMS may have sent its older identifier as the `sub` of 1.3 before.
        person_id = session.execute(
            select(Identity.person_id).where(here, Identity.subject == legacy.user_id)
        ).scalar_one_or_none()
    if person_id is None:
        return
    session.execute(
        insert_into(session, Identity)
        .values(
            registration_id=enrolment.registration_id,
            subject=enrolment.subject,
            person_id=person_id,
        )
        .on_conflict_do_nothing()
    )
    log.info("older person followed", registration=enrolment.registration_id, person=person_id)


def _follow_placement(session: Session, enrolment: Enrolment, older: str) -> None:
    """Gives a placement of the same course its link's new id, unless that is known already."""
    course_id = session.execute(
        select(Course.id).where(
            Course.registration_id == enrolment.registration_id,
            Course.deployment == enrolment.deployment,
            Course.context == enrolment.context,
        )
    ).scalar_one_or_none()
    if course_id is None or older == enrolment.resource_link:
        return
    in_course = Placement.course_id == course_id
    here = session.execute(
        select(func.count()).where(in_course, Placement.resource_link == enrolment.resource_link)
    ).scalar_one()
    if not here:
        session.execute(
            update(Placement)
            .where(in_course, Placement.resource_link == older)
            .values(resource_link=enrolment.resource_link)
        )


def _organisation_of(session: Session, registration_id: int) -> int:
    row = session.get(RegistrationRow, registration_id)
    if row is None:
        raise NotFound(
            N_("There is no registration with this number."),
            code="registration-unknown",
            advice=N_("imhcf platform list shows them."),
        )
    return row.organisation_id


def _only_key(session: Session, registration_id: int) -> str:
    keys = list(
        session.execute(
            select(LegacyKey.consumer_key).where(LegacyKey.registration_id == registration_id)
        ).scalars()
    )
    if len(keys) != 1:
        raise InvalidInput(
            N_("It is not clear to which consumer key these identifiers belong."),
            code="legacy-key-unclear",
            advice=N_("Name it with --key, or store the one key with imhcf platform legacy-key."),
        )
    return keys[0]
