"""The state between the page that asks an administrator and their confirmation.

It travels in the page itself, encrypted: the administrator's browser may keep no cookies of ours
inside the LMS's frame, and what is confirmed is then exactly what was shown.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from lti_tool.gateway.connecting.rules import FORM_LIFE, form_ended
from lti_tool.kernel.secrets import SecretBox
from lti_tool.lti.platform_configuration import PlatformConfiguration

_PURPOSE = "registration form"
_SETS = ("scopes", "claims", "variables")


@dataclass(frozen=True, slots=True)
class Form:
    """What a confirmation confirms. `browser` is the digest of the cookie that went with it."""

    id: str
    platform: PlatformConfiguration
    token: str
    invitation: str
    browser: str


def seal(box: SecretBox, form: Form, now: datetime) -> str:
    """Returns the form as it stands in the page: nobody else can read or change it."""
    platform = asdict(form.platform) | {
        name: sorted(getattr(form.platform, name)) for name in _SETS
    }
    fields = [form.id, platform, form.token, form.invitation, form.browser]
    packed = zlib.compress(json.dumps(fields).encode())
    return _fernet(box).encrypt_at_time(packed, int(now.timestamp())).decode()


def unseal(box: SecretBox, sealed: str, now: datetime) -> Form:
    """Returns the form; raises `InvalidInput` when it is too old, changed, or not ours."""
    try:
        packed = _fernet(box).decrypt_at_time(
            sealed.encode(), int(FORM_LIFE.total_seconds()), int(now.timestamp())
        )
    except (InvalidToken, ValueError):
        raise form_ended() from None
    form, platform, token, invitation, browser = json.loads(zlib.decompress(packed))
    return Form(form, _platform(platform), token, invitation, browser)


def _platform(fields: dict[str, Any]) -> PlatformConfiguration:
    placements = {kind: tuple(found) for kind, found in fields["placements"].items()}
    sets = {name: frozenset(fields[name]) for name in _SETS}
    return PlatformConfiguration(**(fields | sets | {"placements": placements}))


def _fernet(box: SecretBox) -> Fernet:
    return Fernet(box.key_for(_PURPOSE))
