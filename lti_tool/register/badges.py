"""Open Badges 3.0 in JSON-LD: issuer, achievement, credential; and its claims as a VC-JWT. Pure.

Source: 1EdTech Open Badges 3.0 (https://www.imsglobal.org/spec/ob/v3p0/), sections B.1 and 8.2;
W3C Verifiable Credentials Data Model 2.0. What is signed is in the framework's language, English.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid5

from lti_tool.competencies.formats.case import NAMESPACE, PATH
from lti_tool.competencies.models import Instrument

Json = dict[str, Any]

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
ISSUERS = "/credentials/issuers"
ACHIEVEMENTS = "/credentials/achievements"
STATUS = "/credentials/status"
VERIFY = "/verify"


@dataclass(frozen=True, slots=True)
class Award:
    """All that a credential says. Nothing of the person is in it but that they are one.

    `uri` is its own name, `subject` the opaque name of its holder, made for it alone.
    """

    uri: str
    subject: str
    level: int
    issuer_id: str
    organisation: str
    code: str
    awarded_on: date
    issued_at: datetime
    ends_at: datetime
    status_list: int
    status_index: int


def issuer_json(base_url: str, public_id: str, name: str) -> Json:
    """Returns an organisation as the issuer of credentials (`Profile`)."""
    return {
        "id": f"{base_url}{ISSUERS}/{public_id}",
        "type": ["Profile"],
        "name": name,
        "url": f"{base_url}/register?organisation={public_id}",
    }


def achievement_json(base_url: str, public_id: str, instrument: Instrument, root: str) -> Json:
    """Returns what one is recognised for at the level of a portfolio (`Achievement`)."""
    return {
        "id": f"{base_url}{ACHIEVEMENTS}/{public_id}/{instrument.level}",
        "type": ["Achievement"],
        "achievementType": "Certification",
        "creator": {"id": f"{base_url}{ISSUERS}/{public_id}", "type": ["Profile"]},
        "name": achievement_name(instrument.level),
        "description": _DESCRIPTION.format(level=instrument.level),
        "criteria": {"narrative": criteria(instrument)},
        "humanCode": f"IMHCF-{instrument.level}",
        "alignment": _alignments(base_url, instrument, root),
    }


def achievement_name(level: int) -> str:
    """Returns what the achievement of a level is called."""
    return f"Infant mental health recognition, Level {level}"


def criteria(instrument: Instrument) -> str:
    """Returns what somebody did to be recognised at a level, in our words."""
    count = len(instrument.by_code)
    titles = "; ".join(domain.title for domain in instrument.domains)
    return (
        f"{_AUDIENCES.get(instrument.level, instrument.audience)} They built a portfolio that"
        f" answers {count} competencies of the Infant Mental Health Competencies Framework with"
        f" text and evidence from their own practice, in {len(instrument.domains)} domains:"
        f" {titles}. Appointed assessors read it, gave feedback on each competency, and found"
        " every one of them met."
    )


def credential_json(base_url: str, award: Award, achievement: Json) -> Json:
    """Returns the credential as it is signed (`AchievementCredential`, B.1.3)."""
    return {
        "@context": [CREDENTIALS, BADGES],
        "id": award.uri,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement["name"],
        "issuer": issuer_json(base_url, award.issuer_id, award.organisation),
        "validFrom": moment(award.issued_at),
        "validUntil": moment(award.ends_at),
        "awardedDate": moment(datetime(*award.awarded_on.timetuple()[:3], tzinfo=UTC)),
        "credentialSubject": {
            "id": award.subject,
            "type": ["AchievementSubject"],
            "achievement": achievement,
        },
        "evidence": [
            {
                "id": f"{base_url}{VERIFY}/{award.code}",
                "type": ["Evidence"],
                "name": "The entry on the Recognition Register",
                "description": "Says whom this credential is for, and how their entry stands.",
            }
        ],
        "credentialStatus": status_entry(base_url, award.status_list, award.status_index),
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }


def status_entry(base_url: str, number: int, index: int) -> Json:
    """Returns where a credential's status stands (Bitstring Status List 1.0, 2.1)."""
    address = status_address(base_url, number)
    return {
        "id": f"{address}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": str(index),
        "statusListCredential": address,
    }


def status_address(base_url: str, number: int) -> str:
    """Returns the address of a status list."""
    return f"{base_url}{STATUS}/{number}"


def claims_of(credential: Json) -> Json:
    """Returns a credential with the registered claims that repeat it (Open Badges 3.0, 8.2.4)."""
    return {
        **credential,
        "iss": _id_of(credential["issuer"]),
        "jti": credential["id"],
        "nbf": _seconds(credential["validFrom"]),
        "exp": _seconds(credential["validUntil"]),
        "sub": credential["credentialSubject"]["id"],
    }


def end_of(valid_until: date) -> datetime:
    """Returns the moment at which a credential ends: the last day is whole, in UTC."""
    following = valid_until + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=UTC)


def moment(value: datetime) -> str:
    """Returns a moment as XML Schema writes it, in whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())


def _id_of(party: Json | str) -> str:
    return party if isinstance(party, str) else str(party["id"])


def _alignments(base_url: str, instrument: Instrument, root: str) -> Sequence[Json]:
    """The portfolio and its domains, at their CASE addresses; a `root` is the framework's id."""
    path = f"{root}/{instrument.id}"
    named = [(path, instrument.title, instrument.id)]
    named += [
        (f"{path}/{domain.number}", domain.title, f"{instrument.id}/{domain.number}")
        for domain in instrument.domains
    ]
    return [
        {
            "type": ["Alignment"],
            "targetType": "CFItem",
            "targetCode": code,
            "targetName": title,
            "targetFramework": "Infant Mental Health Competencies Framework",
            "targetUrl": f"{base_url}{PATH}/CFItems/{uuid5(NAMESPACE, key)}",
        }
        for key, title, code in named
    ]


_DESCRIPTION = (
    "The holder is on the Recognition Register for infant mental health at Level {level} of the"
    " Infant Mental Health Competencies Framework: a portfolio of their practice was reviewed"
    " by peers and met every competency of that level."
)
_AUDIENCES = {
    1: "Level 1 is for students and for practitioners who work under supervision.",
    2: "Level 2 is for regulated practitioners who work autonomously.",
    3: "Level 3 is for those who deliver specialist services, manage, train and supervise.",
}
