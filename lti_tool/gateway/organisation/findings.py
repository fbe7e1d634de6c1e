"""What a test of a connection finds, in plain words: what happened, and what to do. Pure.

A finding holds codes, counts and ids of keys; nothing secret and nobody's name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lti_tool.kernel.text import N_


class Step(StrEnum):
    """The steps of a test, in their order."""

    SIGN_IN = "sign-in"
    KEYS = "keys"
    CLOCK = "clock"
    TOKEN = "token"  # noqa: S105 - the name of a step  # nosec B105
    LINE_ITEMS = "line-items"
    ROSTER = "roster"


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True)
class StepFinding:
    """How one step ended. `code` says why, and finds the words; `facts` fill their places."""

    step: Step
    outcome: Outcome
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Returns what is stored."""
        return {
            "step": self.step.value,
            "outcome": self.outcome.value,
            "code": self.code,
            "facts": dict(self.facts),
        }


def from_json(stored: Mapping[str, Any]) -> StepFinding:
    """Returns a finding that was stored."""
    return StepFinding(
        Step(stored["step"]), Outcome(stored["outcome"]), stored["code"], stored["facts"]
    )


def has_failed(findings: Sequence[StepFinding]) -> bool:
    """Says whether anything is to be mended."""
    return any(one.outcome is Outcome.FAILED for one in findings)


TITLES: Mapping[Step, str] = {
    Step.SIGN_IN: N_("The LMS's sign-in page"),
    Step.KEYS: N_("The LMS's keys"),
    Step.CLOCK: N_("The clocks"),
    Step.TOKEN: N_("Permission to use its services"),
    Step.LINE_ITEMS: N_("The gradebook of a course"),
    Step.ROSTER: N_("The list of people of a course"),
}

_ADDRESS_WRONG = N_("Check the address in this connection's settings, and that the LMS is up.")
_ASK_LMS = N_("Show this to whoever looks after your LMS.")
_TRY_LATER = N_("Test again in a few minutes. If it stays, show this to whoever runs your LMS.")
_ALLOW = N_("In the LMS's settings of this tool, allow it, then test again.")

# What happened, and what to do about it: by code, and by step and code where a step has words
# of its own.
WORDS: Mapping[str, tuple[str, str]] = {
    "unreachable": (N_("The LMS cannot be reached there."), _ADDRESS_WRONG),
    "tls": (
        N_("The LMS's certificate cannot be trusted, so nothing was sent."),
        N_("Whoever runs your LMS needs to renew or complete its certificate."),
    ),
    "timeout": (N_("The LMS did not answer in time."), _TRY_LATER),
    "too-slow": (
        N_("Not tried: the steps before took too long."),
        N_("Test again when the LMS answers faster."),
    ),
    "answer-too-large": (N_("The answer is larger than any honest one."), _ASK_LMS),
    "address-refused": (
        N_("The address is on a private network, which this service does not call."),
        N_("If that is meant, whoever runs this service sets IMHCF_ALLOW_PRIVATE_NETWORK=true."),
    ),
    "redirected": (
        N_("The LMS sends us on to another address, which is not followed."),
        N_("Enter the final address in this connection's settings."),
    ),
    "not-found": (N_("There is nothing at this address (status 404)."), _ADDRESS_WRONG),
    "refused": (N_("The LMS refuses the call (status %(status)s)."), _ASK_LMS),
    "busy": (N_("The LMS has a problem of its own (status %(status)s)."), _TRY_LATER),
    "unreadable": (N_("The LMS's answer cannot be understood."), _ASK_LMS),
    "switched-off": (
        N_("Not tried: this connection is switched off."),
        N_("Switch it on, then test again."),
    ),
    "earlier": (N_("Not tried: an earlier step has to succeed first."), ""),
    "no-permission": (N_("The LMS does not allow this."), _ALLOW),
    "our-key": (
        N_("This service cannot sign: its own keys cannot be read."),
        N_("Whoever runs this service finds the mend with: imhcf doctor"),
    ),
    "sign-in:ok": (N_("It answers."), ""),
    "keys:ok": (N_("Found %(count)s: %(kids)s."), ""),
    "keys:no-ids": (N_("One key is found, without an id. That is enough."), ""),
    "keys:not-a-key-set": (N_("What is at this address is no key set."), _ADDRESS_WRONG),
    "keys:none": (N_("The key set holds no key that can be used (RSA, for RS256)."), _ASK_LMS),
    "clock:ok": (N_("They agree, within %(seconds)s s."), ""),
    "clock:off": (
        N_("They differ by %(seconds)s seconds; more than a minute makes sign-ins fail."),
        N_("Set both clocks by a time service (NTP): the LMS's, and this service's."),
    ),
    "clock:not-said": (N_("The LMS does not say its time."), ""),
    "token:ok": (N_("The LMS allows all that is asked for."), ""),
    "token:some": (
        N_("The LMS allows some of what is asked for; what is missing stands below."),
        _ALLOW,
    ),
    "token:client-unknown": (
        N_("The LMS does not know our key, or not this client id."),
        N_(
            "In the LMS, check that the client id is %(client)s and that the tool's public key"
            " set is %(keys)s. If this service's keys were changed today, the LMS may still hold"
            " the old ones: test again tomorrow."
        ),
    ),
    "token:none": (N_("The LMS knows us and allows no service at all."), _ALLOW),
    "line-items:ok": (N_("It answers. Columns of this tool: %(count)s."), ""),
    "line-items:more": (
        N_("It answers. Columns on the first page: %(count)s; there are more."),
        "",
    ),
    "line-items:no-course": (
        N_("Not tried: no course has told us yet where its gradebook is."),
        N_("Open an activity from a course once, then test again."),
    ),
    "line-items:not-found": (
        N_("The course that was tried is no longer there, or has no gradebook for us."),
        N_("If that course was deleted, all is well. Open another one once, then test again."),
    ),
    "roster:ok": (N_("It answers. People on the list: %(count)s."), ""),
    "roster:more": (N_("It answers. People on the first page: %(count)s; there are more."), ""),
    "roster:no-course": (
        N_("Not tried: no course has told us yet where its list of people is."),
        N_("Allow the service in the LMS and open an activity once, then test again."),
    ),
    "roster:not-found": (
        N_("The course that was tried is no longer there, or has no list of people for us."),
        N_("If that course was deleted, all is well. Open another one once, then test again."),
    ),
}


def words_of(found: StepFinding) -> tuple[str, str]:
    """Returns what happened and what to do, untranslated; their places are filled by `facts`."""
    own = f"{found.step.value}:{found.code}"
    return WORDS.get(own) or WORDS.get(found.code) or WORDS["unreadable"]
