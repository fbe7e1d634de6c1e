"""The errors of this room: what is refused, what is unavailable, and the sentences for both.

Sentences are constants, found by their code, so that `web` can translate them. `detail` goes to
the log: it names claims, types and statuses, never a value that could hold a token or a person.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lti_tool.kernel.errors import ImhcfError, InvalidInput, Misconfigured, Unavailable
from lti_tool.kernel.text import N_

OPEN_AGAIN = N_("Open the activity again from your course.")
ASK_SUPPORT = N_(
    "Open the activity again from your course. If it happens again, "
    "give this code to the people who run your course."
)
TRY_LATER = N_("Try again in a few minutes.")
ASK_OPERATOR = N_("The people who run this service need to check its registration with your LMS.")

_NOT_TRUSTED = N_("The sign-in from your course could not be trusted.")
_NOT_UNDERSTOOD = N_("The sign-in from your course could not be understood.")
_NOT_FOR_US = N_("The sign-in from your course was meant for another service.")

LAUNCH_REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "token-too-large": (_NOT_UNDERSTOOD, ASK_SUPPORT),
        "token-malformed": (_NOT_UNDERSTOOD, ASK_SUPPORT),
        "algorithm-refused": (_NOT_TRUSTED, ASK_SUPPORT),
        "key-unknown": (_NOT_TRUSTED, ASK_SUPPORT),
        "signature-wrong": (_NOT_TRUSTED, ASK_SUPPORT),
        "issuer-wrong": (_NOT_TRUSTED, ASK_SUPPORT),
        "audience-wrong": (_NOT_FOR_US, ASK_SUPPORT),
        "authorised-party-wrong": (_NOT_FOR_US, ASK_SUPPORT),
        "claim-missing": (N_("The sign-in from your course is incomplete."), ASK_SUPPORT),
        "claim-wrong": (_NOT_UNDERSTOOD, ASK_SUPPORT),
        "token-expired": (N_("The sign-in from your course has expired."), OPEN_AGAIN),
        "token-from-the-future": (
            N_("The clock of your LMS and the clock of this service disagree."),
            ASK_SUPPORT,
        ),
        "nonce-wrong": (
            N_("This sign-in belongs to another visit, or was used already."),
            OPEN_AGAIN,
        ),
        "version-wrong": (
            N_("Your LMS speaks another version of LTI; 1.3.0 is needed."),
            ASK_SUPPORT,
        ),
        "message-not-supported": (
            N_("Your LMS asked for something that this tool does not do."),
            N_(
                "Open the activity from your course instead. If your LMS opens this page by itself,"
                " ask the people who run it to leave this message out of the tool's settings:"
                " it needs links, deep linking, submission review and data privacy."
            ),
        ),
        "target-foreign": (_NOT_FOR_US, ASK_SUPPORT),
        "message-invalid": (N_("The sign-in from your course is incomplete."), ASK_SUPPORT),
    }
)


class LaunchRefused(InvalidInput):
    """The launch is refused; `code` is one of `LAUNCH_REFUSALS`."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        sentence, advice = LAUNCH_REFUSALS[code]
        super().__init__(sentence, code=code, advice=advice, detail=detail)


class KeySetUnavailable(Unavailable):
    """The LMS's keys cannot be had: `key-set-unreachable` or `key-set-unreadable`."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        super().__init__(
            N_("Your LMS did not give the keys that prove who you are."),
            code=code,
            advice=TRY_LATER,
            detail=detail,
        )


class SigningKeyUnreadable(Misconfigured):
    """A key of our own cannot be used."""

    code = "signing-key-unreadable"


class TokenRefused(Misconfigured):
    """The LMS gives us no access token until an operator acts.

    `token-refused`: it does not know us, our key or our audience. `scope-refused`: it knows us
    and does not allow what was asked for.
    """

    def __init__(self, code: str = "token-refused", *, detail: str = "") -> None:
        super().__init__(
            N_("Your LMS refuses the calls of this service."),
            code=code,
            advice=ASK_OPERATOR,
            detail=detail,
        )


class ServiceUnavailable(Unavailable):
    """A service of the LMS does not answer usefully now. `retry_after`: seconds, when it said."""

    code = "service-unavailable"

    def __init__(
        self, code: str | None = None, *, detail: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(
            N_("Your LMS does not answer at the moment."),
            code=code,
            advice=TRY_LATER,
            detail=detail,
        )
        self.retry_after = retry_after


class TokenUnavailable(ServiceUnavailable):
    """The LMS's token address does not answer usefully now; trying later may help."""

    code = "token-unavailable"


class ServiceUnreadable(ServiceUnavailable):
    """A service answered with something that the specification does not allow."""

    code = "service-unreadable"


class ServiceRefused(ImhcfError):
    """A service said no, and will again: `permission-missing`, `not-found`, `service-refused`."""

    code = "service-refused"

    def __init__(self, code: str | None = None, *, detail: str = "") -> None:
        super().__init__(
            N_("Your LMS does not allow this."), code=code, advice=ASK_OPERATOR, detail=detail
        )


_ASK_FOR_NEW_START = N_("Start the registration again in your LMS; each start has its own token.")
_LMS_NOT_UNDERSTOOD = N_("What your LMS says of itself could not be understood.")

REGISTRATION_REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "configuration-unreachable": (
            N_("Your LMS did not say where its services are."),
            _ASK_FOR_NEW_START,
        ),
        "configuration-unreadable": (_LMS_NOT_UNDERSTOOD, ASK_OPERATOR),
        "issuer-foreign": (
            N_("The address that was given does not belong to the LMS that it names."),
            N_("Start the registration from the pages of your own LMS."),
        ),
        "token-unusable": (N_("The registration token is damaged."), _ASK_FOR_NEW_START),
        "registration-unreachable": (
            N_("Your LMS did not take the registration."),
            _ASK_FOR_NEW_START,
        ),
        "registration-refused": (
            N_("Your LMS refused the registration: its token may have been used or have ended."),
            _ASK_FOR_NEW_START,
        ),
        "registration-unreadable": (_LMS_NOT_UNDERSTOOD, ASK_OPERATOR),
    }
)


class RegistrationRefused(InvalidInput):
    """A registration did not come about; `code` is one of `REGISTRATION_REFUSALS`."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        sentence, advice = REGISTRATION_REFUSALS[code]
        super().__init__(sentence, code=code, advice=advice, detail=detail)
