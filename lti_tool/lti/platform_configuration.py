"""What an LMS says of itself before a registration: its OpenID configuration.

LTI Dynamic Registration 1.0, §3.4 and §4; OpenID Connect Discovery 1.0, §3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.lti.addresses import origin
from lti_tool.lti.claim_reading import MAX_URL_LENGTH
from lti_tool.lti.refusals import RegistrationRefused
from lti_tool.lti.texts import is_storable, shown

_PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
_ACCOUNT_NAME = "https://canvas.instructure.com/lti/account_name"
_NAME_LENGTH = 255
_CODE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """Addresses, and what the LMS offers. `placements` are by message type, () where unsaid.

    `token_audience` is "" where it is the token address, as mostly.
    """

    issuer: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    token_audience: str = ""
    product: str = ""
    version: str = ""
    account_name: str = ""
    scopes: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    placements: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


def read_configuration(found: Mapping[str, object]) -> PlatformConfiguration:
    """Returns the configuration; raises `RegistrationRefused` (`configuration-unreadable`)."""
    platform = _object(found.get(_PLATFORM))
    return PlatformConfiguration(
        issuer=_issuer(found),
        auth_login_url=_address(found, "authorization_endpoint"),
        token_url=_address(found, "token_endpoint"),
        jwks_url=_address(found, "jwks_uri"),
        registration_url=_address(found, "registration_endpoint"),
        token_audience=_text(found, "authorization_server", _NAME_LENGTH),
        product=_text(platform, "product_family_code", _CODE_LENGTH).lower(),
        version=_text(platform, "version", _CODE_LENGTH),
        account_name=_text(platform, _ACCOUNT_NAME, _NAME_LENGTH),
        scopes=frozenset(_texts(found.get("scopes_supported"))),
        claims=frozenset(_texts(found.get("claims_supported"))),
        variables=frozenset(_texts(platform.get("variables"))),
        placements=_placements(platform.get("messages_supported")),
    )


def _issuer(found: Mapping[str, object]) -> str:
    """Compared byte for byte with every token's `iss`, so that it is kept as it is."""
    value = found.get("issuer")
    if not isinstance(value, str) or not 0 < len(value) <= _NAME_LENGTH or not is_storable(value):
        raise RegistrationRefused("configuration-unreadable", detail="issuer")
    return value


def _address(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    # RFC 3986, §2: an address is ASCII. It goes into headers and to other libraries.
    is_plain = isinstance(value, str) and len(value) <= MAX_URL_LENGTH and value.isascii()
    if not isinstance(value, str) or not is_plain or origin(value) is None:
        raise RegistrationRefused("configuration-unreadable", detail=name)
    return value


def _placements(messages: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(messages, list):
        return {}
    objects = [_object(message) for message in messages]
    return {
        str(message["type"]): tuple(_texts(message.get("placements")))
        for message in objects
        if isinstance(message.get("type"), str)
    }


def _text(found: Mapping[str, object], name: str, longest: int) -> str:
    value = found.get(name)
    return shown(value, longest) if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
