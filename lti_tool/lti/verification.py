"""What must be true of a token's claims before anything in it is believed.

LTI Core 1.3, §5.3; Security 1.0, §5.1.3; OpenID Connect Core 1.0, §3.1.3.7. Each check raises
`LaunchRefused` and says in `detail` which claim it was, never what it held.
"""

import hmac
from datetime import datetime

from pylti1p3.exception import LtiException
from pylti1p3.message_validators.abstract import MessageValidatorAbstract
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator

from lti_tool.lti import claims as names
from lti_tool.lti.addresses import same_origin
from lti_tool.lti.claim_reading import Claims, required_text
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.registration import Registration

# Moodle's tokens live 60 seconds, and clocks differ.
LEEWAY_SECONDS = 60

_YEAR_10000 = 253_402_300_800

# pylti1p3's validators look at what a message of its type must contain. They check no type, so
# they come after `read_launch`; and they add little: the demand for a roles claim, and what a
# submission review is about. That of data privacy demands roles and refuses a context: we take
# what comes, and use neither. That of deep linking refuses an LMS that asks for anything but
# links: the picker says so in words, and tells the LMS.
_STOCK_VALIDATORS: dict[str, MessageValidatorAbstract] = {
    names.RESOURCE_LINK_REQUEST: ResourceMessageValidator(),
    names.SUBMISSION_REVIEW_REQUEST: SubmissionReviewLaunchValidator(),
}


def check_parties(claims: Claims, registration: Registration) -> None:
    """The token is from this registration's LMS and for us alone, or for us by name.

    Codes: `issuer-wrong`, `audience-wrong`, `authorised-party-wrong`.
    """
    if claims.get("iss") != registration.issuer:
        raise LaunchRefused("issuer-wrong")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or registration.client_id not in audiences:
        raise LaunchRefused("audience-wrong")
    if not all(isinstance(each, str) for each in audiences):
        raise LaunchRefused("audience-wrong", detail="aud holds more than texts")
    if len(audiences) > 1 and "azp" not in claims:
        raise LaunchRefused("authorised-party-wrong", detail="azp is missing")
    if "azp" in claims and claims["azp"] != registration.client_id:
        raise LaunchRefused("authorised-party-wrong")


def check_times(claims: Claims, now: datetime) -> None:
    """The token is valid now, give or take the leeway.

    Codes: `claim-missing`, `token-expired`, `token-from-the-future`. How old `iat` is does not
    matter: `exp` says how long the LMS means the token to live.
    """
    moment = now.timestamp()
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if moment >= expires + LEEWAY_SECONDS:
        raise LaunchRefused("token-expired", detail=f"{moment - expires:.0f} s ago")
    starts = _seconds(claims, "nbf") if claims.get("nbf") is not None else issued
    ahead = max(issued, starts) - moment
    if ahead > LEEWAY_SECONDS:
        raise LaunchRefused("token-from-the-future", detail=f"{ahead:.0f} s ahead")


def check_nonce(claims: Claims, nonce: str) -> None:
    """The token answers our own login request. Codes: `claim-missing`, `nonce-wrong`."""
    given = claims.get("nonce")
    if not isinstance(given, str) or not given:
        raise LaunchRefused("claim-missing", detail="nonce")
    # A lone surrogate has no UTF-8; it is compared like anything else.
    if not nonce or not hmac.compare_digest(_bytes(given), _bytes(nonce)):
        raise LaunchRefused("nonce-wrong")


def check_message(claims: Claims, tool_url: str) -> None:
    """The message is of our version, about something of ours.

    Codes: `version-wrong`, `claim-missing`, `target-foreign`. Its type is looked at when all of
    the token is proven, by `read_launch`: a message of another type is an honest one.
    """
    if claims.get(names.VERSION) != names.LTI_VERSION:
        raise LaunchRefused("version-wrong")
    required_text(claims, names.MESSAGE_TYPE)
    target = claims.get(names.TARGET_LINK_URI)
    if not isinstance(target, str) or not target:
        raise LaunchRefused("claim-missing", detail=names.TARGET_LINK_URI)
    if not same_origin(target, tool_url):
        raise LaunchRefused("target-foreign")


def check_with_pylti1p3(claims: Claims, message_type: str) -> None:
    """The stock validator of the message has no objection either. Code: `message-invalid`."""
    validator = _STOCK_VALIDATORS.get(message_type)
    if validator is None:
        return
    try:
        validator.validate(claims)
    except LtiException as error:
        # Its sentences are constants: no claim's value is in them.
        raise LaunchRefused("message-invalid", detail=str(error)) from None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _seconds(claims: Claims, name: str) -> float:
    """Returns a NumericDate (RFC 7519, §2). Python takes True for a number, and 1e999 for one."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise LaunchRefused("claim-missing", detail=f"{name} is not a number of seconds")
    if not 0 <= value < _YEAR_10000:
        raise LaunchRefused("claim-missing", detail=f"{name} is out of range")
    return float(value)
