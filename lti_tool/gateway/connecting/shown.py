"""What the registration page says of an LMS and of what will be shared, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.gateway.rules import frame_ancestors
from lti_tool.lti import claims
from lti_tool.lti.addresses import origin
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.registration_document import wanted_claims, wanted_scopes

_PRODUCTS = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "blackboard": "Blackboard",
    "blackboardlearn": "Blackboard",
    "sakai": "Sakai",
    "desire2learn": "Brightspace",
    "brightspace": "Brightspace",
    "schoology": "Schoology",
}


@dataclass(frozen=True, slots=True)
class Sharing:
    """Sentences: what the LMS shares, which services are used, and what will be missing."""

    shared: Sequence[str]
    services: Sequence[str]
    missing: Sequence[str]


def lms_name(platform: PlatformConfiguration) -> str:
    """Returns the product's name with its version, or the host where the LMS does not say."""
    name = _PRODUCTS.get(platform.product, platform.product.capitalize())
    # Moodle's is “4.5.5+ (Build: …)”, and Canvas's “vCloud” says nothing.
    version = platform.version.partition(" ")[0].rstrip("+")
    version = version if version[:1].isdigit() else ""
    return f"{name} {version}".strip() or _host(platform.issuer)


def lms_origins(platform: PlatformConfiguration) -> list[str]:
    """Returns the LMS's own origins, as a browser writes them, each once."""
    addresses = (platform.issuer, platform.registration_url, platform.auth_login_url)
    return list(dict.fromkeys(found for found in map(_origin, addresses) if found))


def framing_origins(platform: PlatformConfiguration) -> str:
    """Returns who may frame the page: the LMS. A CSP source list.

    Canvas in the cloud shows it on each customer's own host, which is not the issuer's.
    """
    found = frame_ancestors(lms_origins(platform))
    is_cloud = platform.issuer.endswith(".instructure.com")
    return f"{found} https://*.instructure.com" if is_cloud else found


def sharing(platform: PlatformConfiguration) -> Sharing:
    """Returns what will be shared, of what this LMS offers and this tool asks for."""
    names = {"name", "given_name", "family_name"} & set(wanted_claims(platform))
    scopes = set(wanted_scopes(platform))
    told = (
        ({claims.SCOPE_SCORE}, _("Writes each learner's grade into your gradebook.")),
        (
            {claims.SCOPE_LINE_ITEM},
            _("Adds its own columns to the gradebook, and changes no other."),
        ),
        ({claims.SCOPE_RESULT}, _("Reads back the grades that it wrote, to notice lost ones.")),
        (
            {claims.SCOPE_MEMBERSHIPS},
            _("Reads who takes part in a course, so that tutors see who has not started."),
        ),
        ({claims.SCOPE_CONTEXT_GROUPS}, _("Reads the groups of a course.")),
        ({claims.SCOPE_NOTICE_HANDLERS}, _("Is told when a course is copied.")),
    )
    return Sharing(
        shared=_shared(has_names=bool(names)),
        services=[words for needed, words in told if needed <= scopes],
        missing=_missing(scopes, has_names=bool(names)),
    )


def _shared(*, has_names: bool) -> list[str]:
    found = [
        _("An identifier for each person who opens an activity, and their role in the course."),
        _("The titles of courses and activities."),
    ]
    if has_names:
        found.insert(0, _("People's names, as far as your LMS's settings allow it."))
    return found


def _missing(scopes: set[str], *, has_names: bool) -> list[str]:
    found = []
    if claims.SCOPE_SCORE not in scopes:
        found.append(_("Your LMS does not offer its gradebook, so no grades can go there."))
    if claims.SCOPE_MEMBERSHIPS not in scopes:
        found.append(
            _("Your LMS does not offer its list of participants, so tutors see only who came.")
        )
    if not has_names:
        found.append(_("Your LMS does not offer names, so people appear under pseudonyms."))
    return found


def _origin(address: str) -> str:
    found = origin(address)
    if found is None:
        return ""
    scheme, host, port = found
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + (
        "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
    )


def _host(address: str) -> str:
    found = origin(address)
    return found[1] if found else address
