"""What the LMS of each profile says of itself to a tool that wants to register.

Dynamic Registration 1.0, section 4. Moodle: recorded from a running 4.5 and read in its source
(mod/lti/openid-configuration.php, registration_helper). Canvas: its documentation and source
(app/controllers/lti/ims/dynamic_registration_controller.rb).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.demo.platform import names
from lti_tool.demo.platform.moodle import Moodle
from lti_tool.demo.registration import ACCESS_PATH, AUTH_PATH, KEYSET_PATH

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
_CANVAS = "https://canvas.instructure.com/lti/"
_TOOL_SETTINGS = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"
_BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
_NAMES = ("name", "given_name", "family_name", "email")
_PLAIN_SCOPES = (*names.AGS_SCOPES, names.ROSTER_SCOPE)
_LINK_DATES = tuple(
    f"ResourceLink.{window}.{end}DateTime"
    for window in ("available", "submission")
    for end in ("start", "end")
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One LMS's configuration, and how it takes a registration.

    `asks_at_configuration`: the token is wanted on both calls (Canvas). `client_digits`: client
    ids are numbers. `names_deployment`: it is in the answer. `success`: the status of one.
    """

    configuration_path: str
    registration_path: str
    product: str
    version: str
    scopes: tuple[str, ...] = names.ALL_SCOPES
    claims: tuple[str, ...] = ("sub", "iss", *_NAMES)
    messages: tuple[Mapping[str, Any], ...] = ()
    variables: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)
    asks_at_configuration: bool = False
    client_digits: bool = False
    names_deployment: bool = True
    refuses_unknown: bool = False
    success: int = 200

    def configuration(self, base_url: str) -> dict[str, Any]:
        """Returns the OpenID configuration."""
        return {
            "issuer": base_url,
            "token_endpoint": base_url + ACCESS_PATH,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": base_url + KEYSET_PATH,
            "authorization_endpoint": base_url + AUTH_PATH,
            "registration_endpoint": base_url + self.registration_path,
            "scopes_supported": list(self.scopes),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": list(self.claims),
            PLATFORM: {
                "product_family_code": self.product,
                "version": self.version,
                "messages_supported": [dict(message) for message in self.messages],
                "variables": list(self.variables),
                **self.more,
            },
        }


_RESOURCE = {"type": names.RESOURCE_LINK_MESSAGE}
OFFERS: Mapping[str, Offer] = {
    Moodle.key: Offer(
        configuration_path="/mod/lti/openid-configuration.php",
        registration_path="/mod/lti/openid-registration.php",
        product="moodle",
        version="4.5.5+ (Build: 20250613)",
        scopes=(_BASIC_OUTCOME, *_PLAIN_SCOPES, _TOOL_SETTINGS, "openid"),
        messages=(_RESOURCE, {"type": names.PICK_MESSAGE, "placements": ["ContentArea"]}),
        variables=(
            *("Context.id", "Context.title", "Context.label", "Context.id.history"),
            *("ResourceLink.id", "ResourceLink.title", "ResourceLink.description", "User.id"),
            *("Person.name.full", "Membership.role", "Moodle.Person.userGroupIds"),
        ),
    ),
    "canvas": Offer(
        configuration_path="/api/lti/security/openid-configuration",
        registration_path="/api/lti/registrations",
        product="canvas",
        version="vCloud",
        scopes=(*_PLAIN_SCOPES, names.NOTICES_SCOPE),
        claims=("sub", "picture", "email", "name", "given_name", "family_name", "locale"),
        messages=(
            _RESOURCE | {"placements": ["course_navigation", _CANVAS + "account_navigation"]},
            {
                "type": names.PICK_MESSAGE,
                "placements": [
                    "ContentArea",
                    *(_CANVAS + p for p in ("assignment_selection", "link_selection")),
                ],
            },
        ),
        variables=(
            *("Context.id", "Context.title", "Context.id.history", "ResourceLink.id"),
            *(one for one in _LINK_DATES if one != "ResourceLink.submission.startDateTime"),
            *(f"Canvas.assignment.{p}.iso8601" for p in ("dueAt", "unlockAt", "lockAt")),
        ),
        more={_CANVAS + "account_name": "Larkfield School"},
        asks_at_configuration=True,
        client_digits=True,
        names_deployment=False,
        refuses_unknown=True,
    ),
    "strict": Offer(
        configuration_path="/.well-known/openid-configuration",
        registration_path="/lti/registrations",
        product="larkfield",
        version="1",
        messages=(_RESOURCE, {"type": names.PICK_MESSAGE}),
        variables=("Context.id.history", "ResourceLink.id.history", *_LINK_DATES),
        refuses_unknown=True,
        success=201,
    ),
}
