"""Testing a connection: does the LMS answer where its registration says, and does it know us?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.gateway import key_life
from lti_tool.gateway.keys import KeyRing, all_keys, readable_kids
from lti_tool.gateway.organisation.checking import Examination
from lti_tool.gateway.organisation.findings import Outcome, Step, StepFinding, words_of
from lti_tool.gateway.organisation.queries import subject_of
from lti_tool.gateway.organisation.scopes import SERVICES
from lti_tool.gateway.rules import KeyStatus, KnownRegistration, RegistrationStatus
from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti.registration import Registration

# How the operator calls the steps.
SUBJECTS = {
    Step.SIGN_IN: "login",
    Step.KEYS: "key set",
    Step.CLOCK: "clock",
    Step.TOKEN: "token",
    Step.LINE_ITEMS: "gradebook",
    Step.ROSTER: "roster",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report; without a mend, all is well."""

    subject: str
    says: str
    mend: str = ""


def examination(runtime: Runtime, key_ring: KeyRing, found: KnownRegistration) -> Examination:
    """Returns a test of a registration, ready to begin. Begins and ends a transaction."""
    with runtime.database.transaction(write=False) as session:
        subject = subject_of(session, found.protocol)
    return Examination(runtime.http, subject, key_ring.signing_key)


def switched_off() -> list[StepFinding]:
    """Returns the findings of a connection that is switched off: nothing is tried."""
    return [StepFinding(step, Outcome.NOT_TRIED, "switched-off") for step in Step]


def diagnose(runtime: Runtime, found: KnownRegistration) -> Iterator[Finding]:
    """Yields what calling the LMS shows. Makes HTTP calls: never inside a transaction."""
    known = found.protocol
    name = f"platform {known.id} ({known.issuer})"
    if found.status is not RegistrationStatus.ACTIVE:
        yield Finding(name, "is switched off")
        return
    looking = examination(runtime, KeyRing(runtime), found)
    for one in looking.steps():
        says, mend = spoken(one, key_set=f"{runtime.settings.base_url}/lti/jwks.json", known=known)
        mend = (mend or "See above.") if one.outcome is Outcome.FAILED else ""
        yield Finding(f"{name} {SUBJECTS[one.step]}", says, mend)
    if looking.refused:
        missing = [one for one in SERVICES if one.scope in looking.refused]
        for service in missing:
            yield Finding(f"{name} service", f"not allowed: {service.title} ({service.scope})")


def spoken(found: StepFinding, *, key_set: str, known: Registration) -> tuple[str, str]:
    """Returns what a step found and what to do, in English."""
    facts = {"keys": key_set, "client": known.client_id, **found.facts}
    says, mend = words_of(found)
    address = {
        Step.SIGN_IN: known.auth_login_url,
        Step.KEYS: known.jwks_url,
        Step.TOKEN: known.token_url,
    }.get(found.step)
    said = says % facts
    return (f"{said} [{address}]" if address else said), mend % facts


def diagnose_keys(runtime: Runtime) -> Finding:
    """Returns how the tool's own keys stand: which signs, whether it is old, what is sealed."""
    signing = KeyRing(runtime).signing_key()
    with runtime.database.transaction(write=False) as session:
        known = all_keys(session)
        readable = readable_kids(session, runtime.secrets)
    published = [key for key in known if key.status is not KeyStatus.RETIRED]
    sealed = [key for key in published if key.kid not in readable]
    (present,) = (key for key in known if key.kid == signing.kid)
    says = f"signing with {signing.kid}, made {present.created_at:%Y-%m-%d}"
    if sealed:
        says = f"{says}; {len(sealed)} of {len(published)} cannot be read"
        mend = "Set IMHCF_SECRET_KEY to what it was, or drop it: imhcf keys retire"
        return Finding("keys", says, f"{mend} {sealed[0].kid}")
    if clock.now() - present.created_at > key_life.OLD_AGE:
        return Finding("keys", f"{says}, more than a year ago", "imhcf keys rotate")
    return Finding("keys", says)


def tried(subject: str, look: Callable[[], Finding], mend: str) -> Finding:
    """Returns what `look` finds, or how it failed, with the mend."""
    try:
        return look()
    except ImhcfError as error:
        detail = f" ({error.detail})" if error.detail else ""
        return Finding(subject, error.sentence.rstrip(".") + detail, error.advice or mend)
    except (SQLAlchemyError, OSError) as error:
        return Finding(subject, f"cannot be opened ({type(error).__name__})", mend)
