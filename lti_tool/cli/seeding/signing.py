"""Credentials for the entries of a set, signed with the installation's key."""

import secrets
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.cli.seeding.recognising import Entry
from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.models import Organisation
from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.kernel.runtime import Runtime
from lti_tool.register.badges import Award, achievement_json, claims_of, credential_json, end_of
from lti_tool.register.issuing import CREDENTIAL_TYPE
from lti_tool.register.keys import CredentialSigner, signer
from lti_tool.register.models import RegisterCredential, RegisterTerms, StatusList
from lti_tool.register.queries import framework_of
from lti_tool.register.rules import INSTRUMENTS
from lti_tool.register.status_lists import LENGTH, MOST_IN_A_LIST


def sign(runtime: Runtime, organisation_id: int, entries: list[Entry]) -> int:
    """Signs a credential for each entry that has not come to its end; returns how many."""
    now = clock.floor_to_second(clock.now())
    valid = [entry for entry in entries if end_of(entry.valid_until) > now]
    for begins in range(0, len(valid), MOST_IN_A_LIST):
        with runtime.database.transaction() as session:
            _sign_list(session, runtime, organisation_id, valid[begins : begins + MOST_IN_A_LIST])
    return len(valid)


def _sign_list(
    session: Session, runtime: Runtime, organisation_id: int, valid: list[Entry]
) -> None:
    key = signer(session, runtime.secrets)
    issuer_id, name = session.execute(
        select(RegisterTerms.public_id, Organisation.name)
        .join(Organisation, Organisation.id == RegisterTerms.organisation_id)
        .where(Organisation.id == organisation_id)
    ).one()
    found = StatusList(organisation_id=organisation_id, created_at=clock.now())
    session.add(found)
    session.flush()
    base = runtime.settings.base_url
    achievements = {
        level: achievement_json(
            base, issuer_id, instrument_for(session, organisation_id, one), framework_of(one)
        )
        for level, one in INSTRUMENTS.items()
    }
    places = secrets.SystemRandom().sample(range(LENGTH), len(valid))
    rows = []
    for entry, place in zip(valid, places, strict=True):
        award = _award(entry, issuer_id, name, found.id, place)
        credential = credential_json(base, award, achievements[entry.level])
        rows.append(_credential(entry, award, key, base, claims_of(credential)))
    if rows:
        session.execute(insert(table_of(RegisterCredential)), rows)


def _award(entry: Entry, issuer_id: str, organisation: str, list_id: int, place: int) -> Award:
    return Award(
        uri=uuid4().urn,
        subject=uuid4().urn,
        level=entry.level,
        issuer_id=issuer_id,
        organisation=organisation,
        code=entry.code,
        awarded_on=entry.recognised_on,
        issued_at=clock.floor_to_second(clock.now()),
        ends_at=end_of(entry.valid_until),
        status_list=list_id,
        status_index=place,
    )


def _credential(
    entry: Entry, award: Award, key: CredentialSigner, base: str, claims: dict[str, object]
) -> dict[str, object]:
    return {
        "uri": award.uri,
        "entry_id": entry.id,
        "key_id": key.id,
        "status_list_id": award.status_list,
        "status_index": award.status_index,
        "suspended": entry.is_suspended,
        "issued_at": award.issued_at,
        "ends_at": award.ends_at,
        "signed": key.sign(claims, base, CREDENTIAL_TYPE),
    }
