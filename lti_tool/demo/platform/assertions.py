"""Client assertions: how the tool proves who it is when it asks for an access token.

Security framework 1.0, section 4.1.1, and RFC 7523. The tool's keys are fetched over HTTP
like any platform's, and once more when a key is not among them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.demo.models import SpentAssertion
from lti_tool.demo.registration import CLIENT_ID
from lti_tool.kernel.clock import now

REQUIRED = ("iss", "sub", "aud", "iat", "exp", "jti")
LEEWAY = timedelta(seconds=10)
LONGEST_LIFE = timedelta(hours=1)
FETCH_SECONDS = 5


class AssertionRefused(Exception):
    """The assertion proves nothing; the text says why."""


class ToolKeys:
    """The tool's public keys, cached; threads may share it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at: datetime | None = None
        self._lock = Lock()

    def named(self, kid: str, *, good_for: timedelta = timedelta(0)) -> RSAPublicKey:
        """Returns a key; raises `AssertionRefused` when the tool does not publish it.

        `good_for`: the copy of the key set is read again when it is older than that; 0: when
        the key is not in it.
        """
        with self._lock:
            age = now() - self._fetched_at if self._fetched_at else None
            is_old = kid not in self._keys if not good_for else age is None or age >= good_for
            if is_old:
                self._keys, self._fetched_at = _fetched(self._url), now()
            key = self._keys.get(kid)
        if key is None:
            raise AssertionRefused(f"the tool publishes no key {kid!r}")
        return key


@dataclass(frozen=True, slots=True)
class Assertion:
    """A good assertion; it may be spent once."""

    jti: str
    expires_at: datetime


def read_assertion(
    text: str,
    keys: ToolKeys,
    token_url: str,
    *,
    good_for: timedelta = timedelta(0),
    clients: Collection[str] = (CLIENT_ID,),
) -> Assertion:
    """Returns an assertion that is the tool's; raises `AssertionRefused`. May fetch keys.

    `clients`: the client ids that this LMS gave to the tool; it is registered under each.
    """
    claims = _verified(text, keys, token_url, good_for)
    if claims["iss"] not in clients:
        raise AssertionRefused("iss is no client of this LMS")
    if claims["sub"] != claims["iss"]:
        raise AssertionRefused("sub is another client")
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    if expires_at > now() + LONGEST_LIFE + LEEWAY:
        raise AssertionRefused("it lives for more than an hour")
    return Assertion(str(claims["jti"]), expires_at)


def spend(session: Session, assertion: Assertion) -> None:
    """Accepts an assertion this once; raises `AssertionRefused` when it was used before."""
    session.execute(delete(SpentAssertion).where(SpentAssertion.expires_at < now() - LEEWAY))
    if session.get(SpentAssertion, assertion.jti):
        raise AssertionRefused("its jti was used before")
    session.add(SpentAssertion(jti=assertion.jti, expires_at=assertion.expires_at))


def _verified(
    assertion: str, keys: ToolKeys, token_url: str, good_for: timedelta
) -> dict[str, Any]:
    try:
        kid = jwt.get_unverified_header(assertion).get("kid", "")
        claims: dict[str, Any] = jwt.decode(
            assertion,
            keys.named(kid, good_for=good_for),
            algorithms=["RS256"],
            audience=token_url,
            leeway=LEEWAY,
            options={"require": list(REQUIRED)},
        )
    except jwt.InvalidTokenError as error:
        raise AssertionRefused(str(error)) from error
    return claims


def _fetched(url: str) -> dict[str, RSAPublicKey]:
    try:
        answer = requests.get(url, timeout=FETCH_SECONDS, headers={"User-Agent": "Larkfield LMS"})
        answer.raise_for_status()
        published = jwt.PyJWKSet.from_dict(answer.json())
    except (requests.RequestException, ValueError, jwt.PyJWTError) as error:
        raise AssertionRefused(f"the tool's keys cannot be read: {error}") from error
    return {
        key.key_id: key.key
        for key in published.keys
        if key.key_id and isinstance(key.key, RSAPublicKey)
    }
