"""Testing a connection: does the LMS answer where its registration says, and does it know us?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.gateway.keys import KeyRing
from lti_tool.gateway.rules import KnownRegistration, RegistrationStatus
from lti_tool.kernel.errors import ImhcfError
from lti_tool.kernel.http import CallFailed
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.lti.jwk_sets import NotAKeySet, parse_key_set


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report; without a mend, all is well."""

    subject: str
    says: str
    mend: str = ""


def diagnose(runtime: Runtime, found: KnownRegistration) -> Iterator[Finding]:
    """Yields what calling the LMS shows. Makes HTTP calls: never inside a transaction."""
    known = found.protocol
    name = f"platform {known.id} ({known.issuer})"
    if found.status is not RegistrationStatus.ACTIVE:
        yield Finding(name, "is switched off")
        return
    login, keys, token = f"{name} login", f"{name} key set", f"{name} token"
    yield tried(
        login, lambda: _reachable(runtime, login, known.auth_login_url), "Check --auth-login-url."
    )
    yield tried(keys, lambda: _key_set(runtime, keys, known.jwks_url), "Check --jwks-url.")
    yield tried(
        token,
        lambda: _token(runtime, token, found),
        "Check --token-url and the client id, and that the LMS reads this tool's key set.",
    )


def tried(subject: str, look: Callable[[], Finding], mend: str) -> Finding:
    """Returns what `look` finds, or how it failed, with the mend."""
    try:
        return look()
    except ImhcfError as error:
        detail = f" ({error.detail})" if error.detail else ""
        return Finding(subject, error.sentence.rstrip(".") + detail, error.advice or mend)
    except (SQLAlchemyError, OSError) as error:
        return Finding(subject, f"cannot be opened ({type(error).__name__})", mend)


def _reachable(runtime: Runtime, subject: str, address: str) -> Finding:
    try:
        status = runtime.http.get(address, headers={"Accept": "text/html"}).status
    except CallFailed as error:
        # An LMS may well send a visitor without a request on to its front page.
        if error.code != "redirected":
            raise
        status = 302
    return Finding(subject, f"{address} answers ({status})")


def _key_set(runtime: Runtime, subject: str, address: str) -> Finding:
    answer = runtime.http.get(address, headers={"Accept": "application/json"})
    try:
        keys = parse_key_set(answer.body)
    except NotAKeySet as error:
        return Finding(subject, f"{address} is no key set: {error}", "Check --jwks-url.")
    if not keys.by_kid and not keys.only:
        return Finding(subject, f"{address} holds no RSA signing key", "Check --jwks-url.")
    return Finding(subject, f"{address} holds {max(len(keys.by_kid), 1)} usable key(s)")


def _token(runtime: Runtime, subject: str, found: KnownRegistration) -> Finding:
    key = KeyRing(runtime).signing_key()
    token = AccessTokens(runtime.http).get(found.protocol, frozenset({SCOPE_SCORE}), key)
    if SCOPE_SCORE in token.scopes:
        return Finding(subject, "may write grades")
    return Finding(subject, "may not write grades", "Allow grade services for this tool there.")
