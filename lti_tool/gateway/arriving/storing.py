"""What is left with the LMS's page between a login and its launch: made, named, removed again."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import make_response, render_template
from werkzeug.wrappers import Response

from lti_tool.gateway.arriving.rules import KEPT, storage_key
from lti_tool.gateway.rules import KnownRegistration, Login
from lti_tool.kernel.secrets import digest
from lti_tool.web.requests import runtime


def storing_page(
    frame: str, registration: KnownRegistration, state: str, ask: Callable[..., str]
) -> Response:
    """Returns the page that puts a secret into the LMS's storage, then goes on to the LMS.

    `ask` makes the authorisation request of a state. The page is the initiator of that request,
    not the LMS: cookies of the LMS that are `SameSite=Lax` stay at home, unlike after a redirect.
    LMSs that offer storage foresee it; wherever a redirect will do, there is one.
    """
    return make_response(
        render_template(
            "gateway/storing.html",
            platform=registration.protocol.auth_login_url,
            frame=frame,
            key=storage_key(proof_of(state)),
            secret=_secret_of(state),
            kept_url=ask(state=f"{state}{KEPT}"),
            plain_url=ask(state=state),
        )
    )


def proof_of(state: str) -> str:
    """Returns the digest of what the LMS's page keeps of a login."""
    return digest(_secret_of(state))


def left_with_platform(begun: Login, state: str) -> str:
    """Returns, as a fragment, what a script is to remove from the LMS's storage.

    For where a cookie did the work of the secret. Browsers hand it on from redirect to redirect.
    """
    left = {
        "kept": storage_key(proof_of(state)),
        "frame": begun.storage_target,
        "platform": begun.registration.protocol.auth_login_url,
    }
    return f"#{urlencode(left)}"


def _secret_of(state: str) -> str:
    """Nobody can work it out from the state, which the LMS and the address bar see."""
    return runtime().secrets.mac("platform-storage", state)
