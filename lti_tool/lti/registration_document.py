"""What this tool says of itself to an LMS: Dynamic Registration 1.0, §3.5, “Tool configuration”."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from lti_tool.lti import claims as names
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.substitutions import SUBSTITUTIONS, asked

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_CANVAS = "https://canvas.instructure.com/lti/"

SCOPES = (
    names.SCOPE_LINE_ITEM,
    names.SCOPE_LINE_ITEM_READONLY,
    names.SCOPE_RESULT,
    names.SCOPE_SCORE,
    names.SCOPE_MEMBERSHIPS,
)
# Asked for only where the LMS lists them: few have these services, and some refuse what they
# do not know.
RARE_SCOPES = (names.SCOPE_CONTEXT_GROUPS, names.SCOPE_NOTICE_HANDLERS)
# Never the e-mail address: nothing here is done with it.
CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
# Messages beside the picker, declared where the LMS lists them. Plain launches need no declaration.
OTHER_MESSAGES = (names.SUBMISSION_REVIEW_REQUEST, names.DATA_PRIVACY_REQUEST)
# Where Canvas lets a teacher pick; what it does not offer is not asked for.
CANVAS_PLACEMENTS = ("assignment_selection", "link_selection")

# Security framework 1.0, §4.1: by the name of a method, which is no secret.
_SIGNED_ASSERTIONS = {"token_endpoint_auth_method": "private_key_jwt"}  # nosec B105


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
        **_SIGNED_ASSERTIONS,
        "scope": " ".join(wanted_scopes(platform)),
        TOOL_CONFIGURATION: _configuration(tool, platform),
    }


def wanted_scopes(platform: PlatformConfiguration) -> tuple[str, ...]:
    """Returns the scopes to ask for; all of ours where the LMS does not list what it has."""
    known = tuple(scope for scope in SCOPES if not platform.scopes or scope in platform.scopes)
    return known + tuple(scope for scope in RARE_SCOPES if scope in platform.scopes)


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
        "messages": _messages(tool, platform),
    }
    if platform.product == "canvas":
        found |= {
            _CANVAS + "privacy_level": "name_only",
            _CANVAS + "vendor": tool.name,
            _CANVAS + "tool_id": "imhcf-tool",
        }
    return found


def _custom(platform: PlatformConfiguration) -> dict[str, str]:
    """A variable that an LMS does not know would come back as its own name."""
    return asked(
        {
            name: variable
            for name, variable in SUBSTITUTIONS.items()
            if variable in platform.variables
        }
    )


def _messages(tool: ToolFacts, platform: PlatformConfiguration) -> list[dict[str, object]]:
    supported = platform.placements
    found = []
    if not supported or names.DEEP_LINKING_REQUEST in supported:
        found.append(_picker(tool, platform))
    return found + [
        {"type": kind, "target_link_uri": tool.launch_url, "label": tool.name}
        for kind in OTHER_MESSAGES
        if kind in supported
    ]


def _picker(tool: ToolFacts, platform: PlatformConfiguration) -> dict[str, object]:
    message: dict[str, object] = {
        "type": names.DEEP_LINKING_REQUEST,
        "target_link_uri": tool.launch_url,
        "label": tool.name,
        "icon_uri": tool.icon_url,
    }
    offered = platform.placements.get(names.DEEP_LINKING_REQUEST, ())
    if platform.product == "canvas":
        # Canvas writes most of them with its own address in front, and takes them either way.
        known = [one for one in offered if one.rpartition("/")[2] in CANVAS_PLACEMENTS]
        wanted = known if offered else list(CANVAS_PLACEMENTS)
    else:
        wanted = list(offered)
    return message | ({"placements": wanted} if wanted else {})
