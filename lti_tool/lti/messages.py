"""What a verified launch says: frozen values, read once, with nothing of the token left in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.lti import claims
from lti_tool.lti.roles import CourseRole


@dataclass(frozen=True, slots=True)
class ContextClaim:
    """The course (LTI Core 1.3, §5.4.1). `label` and `title` are "" when absent."""

    id: str
    label: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """The link that was opened (LTI Core 1.3, §5.3.5). Its id is unique in the deployment."""

    id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PlatformClaim:
    """The LMS (LTI Core 1.3, §5.4.2); every field is "" when absent."""

    product_family_code: str = ""
    guid: str = ""
    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class AgsEndpoint:
    """Where grades go (AGS 2.0, “Assignment and Grade service claim”). `lineitem` is absent when the link has none or several."""

    scopes: frozenset[str] = frozenset()
    lineitems: str | None = None
    lineitem: str | None = None

    @property
    def reading_scope(self) -> str:
        """The scope to read line items with: the narrow one, unless only the wide one is given."""
        wide = claims.SCOPE_LINE_ITEM in self.scopes
        if wide and claims.SCOPE_LINE_ITEM_READONLY not in self.scopes:
            return claims.SCOPE_LINE_ITEM
        return claims.SCOPE_LINE_ITEM_READONLY


@dataclass(frozen=True, slots=True)
class GroupsEndpoint:
    """Where a course's groups are listed (Course Groups 1.0, “Groups service claim”)."""

    groups: str
    sets: str | None = None


@dataclass(frozen=True, slots=True)
class NoticesEndpoint:
    """Where a tool says which notices it wants (Platform Notification Service 1.0, “Claim”)."""

    url: str
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What the LMS wants back (Deep Linking 2.0, “Deep linking settings”).

    `data` goes back as it came. `accept_line_item` is None where the LMS does not say. `title`
    and `text` are what it suggests for the link, "" when absent.
    """

    return_url: str = field(repr=False)
    accept_types: tuple[str, ...] = ()
    accept_targets: tuple[str, ...] = ()
    accept_multiple: bool = False
    accept_line_item: bool | None = None
    title: str = ""
    text: str = ""
    data: object = field(default=None, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class LegacyClaim:
    """How LTI 1.1 called the person and the link (LTI 1.1 to 1.3 Migration Guide).

    `signed_text` is what `signature` signs: see `legacy.is_signed_with`. The ids are those of
    1.3 where the LMS says that they did not change, by leaving them out.
    """

    consumer_key: str
    user_id: str = field(repr=False)
    resource_link_id: str = ""
    signature: str = field(default="", repr=False)
    signed_text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Launch:
    """One verified message of an LMS about one person.

    `roles` are those in the course; names and e-mail are "" when the LMS does not send them.
    `custom` holds texts only: numbers and booleans are written as JSON writes them, what is
    null or nested is left out. `return_url` is "" unless it is an http(s) address; Moodle's holds
    a session key, so that addresses to return to are not printed either. `for_user` is the `sub` of
    whom a submission review or a data privacy launch is about, `mentored` those whom an observer
    may see; both name people whom the LMS means, and are looked up here before they are believed.
    """

    registration_id: int
    issuer: str
    client_id: str
    deployment_id: str
    subject: str
    message_type: str
    target_link_uri: str
    roles: frozenset[CourseRole] = frozenset()
    name: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    context: ContextClaim | None = None
    resource_link: ResourceLink | None = None
    custom: Mapping[str, str] = field(default_factory=dict, hash=False)
    ags: AgsEndpoint | None = None
    memberships_url: str | None = None
    groups: GroupsEndpoint | None = None
    notices: NoticesEndpoint | None = None
    platform: PlatformClaim = PlatformClaim()
    locale: str = ""
    document_target: str = ""
    return_url: str = field(default="", repr=False)
    deep_linking: DeepLinkingSettings | None = None
    for_user: str = ""
    mentored: frozenset[str] = frozenset()
    legacy: LegacyClaim | None = None
