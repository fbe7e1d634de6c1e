"""Where the development LMS lives, where the tool is, and as which LMS it starts."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lti_tool.kernel.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class LmsSettings:
    """Addresses are origins, perhaps with a path, and end without a slash.

    Raises `Misconfigured` when an address is none.
    """

    base_url: str
    tool_url: str
    database: Path
    profile: str = "moodle"

    def __post_init__(self) -> None:
        for name in ("base_url", "tool_url"):
            address = getattr(self, name)
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.netloc or address.endswith("/"):
                raise Misconfigured(
                    f"The development LMS needs an http address without a final slash as {name}.",
                    detail=f"{name}={address!r}",
                )

    @property
    def tool_login_url(self) -> str:
        """Where a login is initiated (OIDC third-party initiated login)."""
        return f"{self.tool_url}/lti/login"

    @property
    def tool_launch_url(self) -> str:
        """The tool's one redirect URI, and the target of every launch."""
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_keyset_url(self) -> str:
        """The tool's public keys, against which its client assertions are checked."""
        return f"{self.tool_url}/lti/jwks.json"
