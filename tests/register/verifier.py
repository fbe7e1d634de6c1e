"""A verifier of Open Badges 3.0 as a stranger would write it: from the specifications, by jwcrypto.

It imports nothing of the tool. Everything that it needs it fetches from the addresses in the
credential. Sources: Open Badges 3.0, 8.2 and 8.3; Bitstring Status List 1.0, 3.2 and 3.3.
"""

import base64
import gzip
import json
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from jwcrypto import jwk, jws

_URI = {"type": "string", "pattern": r"^(https?://|urn:)"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
_PROFILE = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": _URI, "type": {"type": "array", "contains": {"const": "Profile"}}},
}
_ALIGNMENT = {
    "type": "object",
    "required": ["type", "targetName", "targetUrl"],
    "properties": {
        "type": {"type": "array", "contains": {"const": "Alignment"}},
        "targetUrl": _URI,
        "targetType": {"const": "CFItem"},
    },
}
ACHIEVEMENT = {
    "type": "object",
    "required": ["id", "type", "criteria", "description", "name"],
    "properties": {
        "id": _URI,
        "type": {"type": "array", "contains": {"const": "Achievement"}},
        "criteria": {
            "type": "object",
            "anyOf": [{"required": ["id"]}, {"required": ["narrative"]}],
        },
        "creator": _PROFILE,
        "alignment": {"type": "array", "minItems": 1, "items": _ALIGNMENT},
        "achievementType": {"enum": ["Certification", "Competency", "License", "Award"]},
    },
}
# The required members of an AchievementCredential (B.1.3) with those of its parts.
SCHEMA = {
    "type": "object",
    "required": [
        "@context", "id", "type", "name", "issuer", "validFrom", "credentialSubject",
    ],
    "properties": {
        "@context": {
            "type": "array",
            "prefixItems": [
                {"const": "https://www.w3.org/ns/credentials/v2"},
                {"pattern": r"^https://purl\.imsglobal\.org/spec/ob/v3p0/context-3\.0\.\d\.json$"},
            ],
            "minItems": 2,
        },
        "id": _URI,
        "type": {
            "type": "array",
            "allOf": [
                {"contains": {"const": "VerifiableCredential"}},
                {"contains": {"enum": ["OpenBadgeCredential", "AchievementCredential"]}},
            ],
        },
        "issuer": _PROFILE,
        "validFrom": _MOMENT,
        "validUntil": _MOMENT,
        "awardedDate": _MOMENT,
        "credentialSubject": {
            "type": "object",
            "required": ["type", "achievement"],
            "properties": {
                "id": _URI,
                "type": {"type": "array", "contains": {"const": "AchievementSubject"}},
                "achievement": ACHIEVEMENT,
            },
        },
        "credentialStatus": {
            "type": "object",
            "required": ["type", "statusPurpose", "statusListIndex", "statusListCredential"],
            "properties": {
                "type": {"const": "BitstringStatusListEntry"},
                "statusPurpose": {"enum": ["revocation", "suspension"]},
                "statusListIndex": {"type": "string", "pattern": r"^\d+$"},
                "statusListCredential": _URI,
            },
        },
        "evidence": {"type": "array", "items": {"required": ["type"]}},
        "credentialSchema": {"type": "array", "items": {"required": ["id", "type"]}},
        "vc": False,
        "proof": False,
    },
}  # fmt: skip
Draft202012Validator.check_schema(SCHEMA)


class Refused(Exception):
    """The credential does not hold."""


class Verifier:
    """Verifies at a moment, fetching what it needs through a client without cookies."""

    def __init__(self, client: FlaskClient, base: str) -> None:
        self.client = client
        self.base = base

    def verify(self, token: str, at: datetime) -> dict[str, Any]:
        """Returns the credential, or raises `Refused` with what is wrong."""
        claims = self.opened(token, at)
        Draft202012Validator(SCHEMA).validate(claims)
        if claims["credentialSubject"]["id"] != claims["sub"]:
            raise Refused("sub")
        if self.is_set(claims["credentialStatus"], claims["iss"], at):
            raise Refused(claims["credentialStatus"]["statusPurpose"])
        return claims

    def opened(self, token: str, at: datetime) -> dict[str, Any]:
        """Checks signature, registered claims and dates, as for any credential here."""
        signed = jws.JWS()
        try:
            signed.deserialize(token)
            header = signed.jose_header
            if header["alg"] != "RS256" or "jwk" in header:
                raise Refused("algorithm")
            signed.verify(jwk.JWK(**self.key(header["kid"])), alg="RS256")
        except (jws.InvalidJWSSignature, jws.InvalidJWSObject, ValueError) as error:
            raise Refused(f"signature: {error}") from None
        claims: dict[str, Any] = json.loads(signed.payload)
        moments = {"nbf": claims["validFrom"], "exp": claims["validUntil"]}
        if any(claims[name] != stamp(written) for name, written in moments.items()):
            raise Refused("dates differ from claims")
        if claims["iss"] != claims["issuer"]["id"] or claims["jti"] != claims["id"]:
            raise Refused("claims differ")
        if not claims["nbf"] <= at.timestamp() < claims["exp"]:
            raise Refused("dates")
        return claims

    def key(self, kid: str) -> dict[str, Any]:
        """Finds the key in the set, and sees that its own address has the same."""
        if not kid.startswith(f"{self.base}/credentials/keys/"):
            raise Refused("key of somebody else")
        found = [one for one in self.json("/credentials/keys.json")["keys"] if one["kid"] == kid]
        if not found or self.json(kid.removeprefix(self.base)) != found[0]:
            raise Refused("unknown key")
        if not {"d", "p", "q"}.isdisjoint(found[0]):
            raise AssertionError("a private key is published")
        return found[0]

    def is_set(self, status: dict[str, Any], issuer: str, at: datetime) -> bool:
        """Reads the bit: GZIP in multibase, place 0 the leftmost of the first byte."""
        address = status["statusListCredential"]
        answer = self.client.get(address.removeprefix(self.base))
        assert answer.status_code == 200
        assert answer.mimetype == "application/vc+jwt"
        found = self.opened(answer.text, at)
        subject = found["credentialSubject"]
        if (found["id"], found["iss"]) != (address, issuer):
            raise Refused("status list of somebody else")
        assert "BitstringStatusListCredential" in found["type"]
        assert subject["type"] == "BitstringStatusList"
        assert subject["statusPurpose"] == status["statusPurpose"]
        encoded = subject["encodedList"]
        assert encoded[0] == "u"
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        bits = gzip.decompress(packed)
        assert len(bits) >= 16 * 1024
        place = int(status["statusListIndex"])
        return bool(bits[place // 8] >> (7 - place % 8) & 1)

    def json(self, path: str) -> dict[str, Any]:
        answer = self.client.get(path)
        if answer.status_code != 200:
            raise Refused(f"{path}: {answer.status_code}")
        found: dict[str, Any] = json.loads(answer.data)
        return found


def stamp(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())
