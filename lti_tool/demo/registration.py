"""What the tool must know to be launched from here: the registration, ready to be entered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.demo.settings import LmsSettings

CLIENT_ID = "Lk7wQmZ2pXr9TdB"
# In Moodle the deployment is the tool type's number; Canvas has one for each account or
# course that the tool was added to.
DEPLOYMENT_ID = "2"
ACCOUNT_DEPLOYMENT_ID = "3:4dde05e8ca1973bcca9bffc13e1548820eee93a3"
COURSE_DEPLOYMENT_ID = "8:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"

AUTH_PATH = "/lti/auth"
ACCESS_PATH = "/lti/token"
KEYSET_PATH = "/lti/jwks.json"


@dataclass(frozen=True, slots=True)
class UsedTool:
    """The tool as launches know it: set up by hand, unless one that registered itself is used.

    `deployment_id` is "" where the profile says it, `custom` holds what each launch gets beside
    its link's own parameters; addresses are "" for those of the settings.
    """

    client_id: str = CLIENT_ID
    deployment_id: str = ""
    login_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict, hash=False)


BY_HAND = UsedTool()


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """One registration, in the words of `imhcf platform add`."""

    issuer: str
    client_id: str
    deployment_ids: tuple[str, ...]
    auth_login_url: str
    token_url: str
    jwks_url: str
    product: str


def platform_facts(settings: LmsSettings) -> PlatformFacts:
    """Returns the registration; the addresses are the same whichever profile is on.

    All deployments of all profiles are named, so that switching the profile needs no new
    registration.
    """
    return PlatformFacts(
        issuer=settings.base_url,
        client_id=CLIENT_ID,
        deployment_ids=(DEPLOYMENT_ID, ACCOUNT_DEPLOYMENT_ID, COURSE_DEPLOYMENT_ID),
        auth_login_url=settings.base_url + AUTH_PATH,
        token_url=settings.base_url + ACCESS_PATH,
        jwks_url=settings.base_url + KEYSET_PATH,
        product=settings.profile,
    )
