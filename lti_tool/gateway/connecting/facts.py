"""How this tool presents itself: to an LMS that registers it, on pages, and in a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.gateway.rules import TOOL_NAME
from lti_tool.kernel.text import N_
from lti_tool.lti.dynamic_registration import ToolFacts
from lti_tool.lti.registration_document import CANVAS_PLACEMENTS, SCOPES
from lti_tool.lti.substitutions import DATES, HISTORIES, SUBSTITUTIONS, asked

ICON_PATH = "/lti/icon.svg"
CANVAS_PATH = "/lti/canvas.json"
REGISTER_PATH = "/lti/register"
CONNECT_PATH = "/lti/connect"
# What the LMS's people read before a language is known.
DESCRIPTION = (
    "Self-assessment against the UK Infant Mental Health Competencies Framework,"
    " with goals, training and grades in your course."
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value to copy into an LMS. `words` say which, and are translated where they are shown."""

    key: str
    words: str
    text: str


def tool_facts(base_url: str) -> ToolFacts:
    """Returns what registrations say of this tool; every address is on its own domain."""
    return ToolFacts(
        base_url=base_url, name=TOOL_NAME, description=DESCRIPTION, icon_url=base_url + ICON_PATH
    )


def values(base_url: str) -> Sequence[Value]:
    """Returns what somebody who connects an LMS by hand has to enter."""
    tool = tool_facts(base_url)
    return (
        Value("tool", N_("Tool URL (target link URI)"), tool.launch_url),
        Value("login", N_("Initiate login URL (OpenID Connect)"), base_url + "/lti/login"),
        Value("redirect", N_("Redirection URI"), tool.launch_url),
        Value("picker", N_("Content selection URL (deep linking)"), tool.launch_url),
        Value("keys", N_("Public keyset URL (JWKS)"), base_url + "/lti/jwks.json"),
        Value("icon", N_("Icon URL"), tool.icon_url),
    )


def custom_parameters() -> str:
    """Returns the custom parameters that tell of copies and dates, one in a line."""
    found = asked({**HISTORIES, **DATES})
    return "\n".join(f"{name}={value}" for name, value in found.items())


def canvas_configuration(base_url: str) -> dict[str, object]:
    """Returns the configuration that Canvas reads for an LTI key.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_dev_key_config
    Canvas leaves a variable that it does not know as it stands, and so do we take it. There is no
    entry for the course menu: every page here belongs to one activity.
    """
    tool = tool_facts(base_url)
    return {
        "title": tool.name,
        "description": tool.description,
        "oidc_initiation_url": base_url + "/lti/login",
        "target_link_uri": tool.launch_url,
        "scopes": list(SCOPES),
        "public_jwk_url": base_url + "/lti/jwks.json",
        "custom_fields": asked(SUBSTITUTIONS),
        "extensions": [
            {
                "domain": base_url.partition("://")[2],
                "tool_id": "imhcf-tool",
                "platform": "canvas.instructure.com",
                "privacy_level": "name_only",
                "settings": {
                    "platform": "canvas.instructure.com",
                    "text": tool.name,
                    "icon_url": tool.icon_url,
                    "placements": [_canvas_placement(tool, name) for name in CANVAS_PLACEMENTS],
                },
            }
        ],
    }


def _canvas_placement(tool: ToolFacts, name: str) -> dict[str, object]:
    return {
        "placement": name,
        "message_type": "LtiDeepLinkingRequest",
        "target_link_uri": tool.launch_url,
        "text": tool.name,
        "icon_url": tool.icon_url,
        "enabled": True,
        "selection_width": 900,
        "selection_height": 700,
    }
