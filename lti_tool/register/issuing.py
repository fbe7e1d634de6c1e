"""Signing an entry's credential, and setting the bit that suspends it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.models import Organisation
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.kernel.secrets import SecretBox
from lti_tool.register.badges import (
    Award,
    achievement_json,
    claims_of,
    credential_json,
    end_of,
)
from lti_tool.register.keys import signer
from lti_tool.register.models import RegisterCredential, RegisterEntry, RegisterTerms, StatusList
from lti_tool.register.queries import framework_of
from lti_tool.register.rules import State
from lti_tool.register.status_lists import LENGTH, MOST_IN_A_LIST

_DRAWN_AT_ONCE = 50
CREDENTIAL_TYPE = "vc+jwt"


@dataclass(frozen=True, slots=True)
class Issuer:
    """What signing needs of the installation: its address, and what its keys are sealed with."""

    base_url: str
    box: SecretBox

    @classmethod
    def of(cls, runtime: Runtime) -> "Issuer":
        """Returns the issuer of a running installation."""
        return cls(runtime.settings.base_url, runtime.secrets)


def issue(session: Session, issuer: Issuer, entry: RegisterEntry) -> None:
    """Signs and stores a credential for an entry as it stands; none for one that has ended.

    Credentials from before go on until their own end. Signing is arithmetic: no call is made.
    """
    now = clock.floor_to_second(clock.now())
    ends_at = end_of(entry.valid_until)
    if ends_at <= now:
        return
    key = signer(session, issuer.box)
    list_id, index = _place(session, entry.organisation_id)
    name, public_id = session.execute(
        select(Organisation.name, RegisterTerms.public_id)
        .join(RegisterTerms, RegisterTerms.organisation_id == Organisation.id)
        .where(Organisation.id == entry.organisation_id)
    ).one()
    award = Award(
        uri=uuid4().urn,
        subject=uuid4().urn,
        level=entry.level,
        issuer_id=public_id,
        organisation=name,
        code=entry.code,
        awarded_on=entry.recognised_on,
        issued_at=now,
        ends_at=ends_at,
        status_list=list_id,
        status_index=index,
    )
    instrument = instrument_for(session, entry.organisation_id, entry.instrument)
    root = framework_of(entry.instrument)
    achievement = achievement_json(issuer.base_url, public_id, instrument, root)
    claims = claims_of(credential_json(issuer.base_url, award, achievement))
    session.add(
        RegisterCredential(
            uri=award.uri,
            entry_id=entry.id,
            key_id=key.id,
            status_list_id=list_id,
            status_index=index,
            suspended=entry.state == State.SUSPENDED,
            issued_at=now,
            ends_at=ends_at,
            signed=key.sign(claims, issuer.base_url, CREDENTIAL_TYPE),
        )
    )
    session.flush()


def set_suspended(session: Session, entry_id: int, *, suspended: bool) -> None:
    """Sets, or takes back, the status of every credential that an entry ever had."""
    session.execute(
        update(RegisterCredential)
        .where(RegisterCredential.entry_id == entry_id)
        .values(suspended=suspended)
    )


def _place(session: Session, organisation_id: int) -> tuple[int, int]:
    """Draws a free place by lot in the organisation's newest list, or in a new one.

    The signing key is locked meanwhile, so nobody else draws.
    """
    newest = session.execute(
        select(StatusList.id)
        .where(StatusList.organisation_id == organisation_id)
        .order_by(StatusList.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if newest is None or _count(session, newest) >= MOST_IN_A_LIST:
        added = StatusList(organisation_id=organisation_id, created_at=clock.now())
        session.add(added)
        session.flush()
        newest = added.id
    while True:
        drawn = [secrets.randbelow(LENGTH) for _ in range(_DRAWN_AT_ONCE)]
        taken = _taken(session, newest, drawn)
        for index in drawn:
            if index not in taken:
                return newest, index


def _count(session: Session, list_id: int) -> int:
    return session.execute(
        select(func.count()).where(RegisterCredential.status_list_id == list_id)
    ).scalar_one()


def _taken(session: Session, list_id: int, drawn: Iterable[int]) -> set[int]:
    return set(
        session.execute(
            select(RegisterCredential.status_index).where(
                RegisterCredential.status_list_id == list_id,
                RegisterCredential.status_index.in_(list(drawn)),
            )
        ).scalars()
    )
