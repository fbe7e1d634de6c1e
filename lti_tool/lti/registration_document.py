"""What this tool says of itself to an LMS: Dynamic Registration 1.0, §3.5, “Tool configuration”."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from lti_tool.lti import claims as names
from lti_tool.lti.platform_configuration import PlatformConfiguration

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_CANVAS = "https://canvas.instructure.com/lti/"

SCOPES = (
    names.SCOPE_LINE_ITEM,
    names.SCOPE_LINE_ITEM_READONLY,
    names.SCOPE_RESULT,
    names.SCOPE_SCORE,
    names.SCOPE_MEMBERSHIPS,
)
# Never the e-mail address: nothing here is done with it.
CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
# Where a course or a link came from when it was copied: LTI Core 1.3, appendix C.
_HISTORIES = MappingProxyType(
    {"context_history": "Context.id.history", "link_history": "ResourceLink.id.history"}
)
# Where Canvas lets a teacher pick; what it does not offer is not asked for.
_CANVAS_PLACEMENTS = ("assignment_selection", "link_selection")


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """How the tool presents itself. `base_url` is scheme, host and port, without a slash."""

    base_url: str
    name: str
    description: str
    icon_url: str

    @property
    def launch_url(self) -> str:
        return self.base_url + "/lti/launch"


def document(tool: ToolFacts, platform: PlatformConfiguration) -> dict[str, object]:
    """Returns the JSON object to post: of what we can use, only what this LMS offers.

    Moodle wants every address on the tool's own domain, and so they are.
    """
    return {
        "application_type": "web",
        "client_name": tool.name,
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.base_url + "/lti/login",
        "redirect_uris": [tool.launch_url],
        "jwks_uri": tool.base_url + "/lti/jwks.json",
        "logo_uri": tool.icon_url,
        "token_endpoint_auth_method": "private_key_jwt",  # nosec B105
        "scope": " ".join(wanted_scopes(platform)),
        TOOL_CONFIGURATION: _configuration(tool, platform),
    }


def wanted_scopes(platform: PlatformConfiguration) -> tuple[str, ...]:
    """Returns the scopes to ask for; all of ours where the LMS does not list what it has."""
    return tuple(scope for scope in SCOPES if not platform.scopes or scope in platform.scopes)


def wanted_claims(platform: PlatformConfiguration) -> tuple[str, ...]:
    """Returns the claims to ask for; all of ours where the LMS does not list what it has."""
    return tuple(claim for claim in CLAIMS if not platform.claims or claim in platform.claims)


def _configuration(tool: ToolFacts, platform: PlatformConfiguration) -> dict[str, object]:
    parts = urlsplit(tool.base_url)
    found: dict[str, object] = {
        "domain": parts.netloc,
        "description": tool.description,
        "target_link_uri": tool.launch_url,
        "custom_parameters": _custom(platform),
        "claims": list(wanted_claims(platform)),
        "messages": [_picker(tool, platform)],
    }
    if platform.product == "canvas":
        found |= {
            _CANVAS + "privacy_level": "name_only",
            _CANVAS + "vendor": tool.name,
            _CANVAS + "tool_id": "imhcf-tool",
        }
    return found


def _custom(platform: PlatformConfiguration) -> Mapping[str, str]:
    """A variable that an LMS does not know would come back as its own name."""
    return {
        name: f"${variable}"
        for name, variable in _HISTORIES.items()
        if variable in platform.variables
    }


def _picker(tool: ToolFacts, platform: PlatformConfiguration) -> dict[str, object]:
    message: dict[str, object] = {
        "type": names.DEEP_LINKING_REQUEST,
        "target_link_uri": tool.launch_url,
        "label": tool.name,
        "icon_uri": tool.icon_url,
    }
    offered = platform.placements.get(names.DEEP_LINKING_REQUEST, ())
    if platform.product == "canvas":
        wanted = [one for one in _CANVAS_PLACEMENTS if not offered or one in offered]
    else:
        wanted = list(offered)
    return message | ({"placements": wanted} if wanted else {})
