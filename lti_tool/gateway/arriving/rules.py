"""The ladder: how a browser shows that it began the login that a launch completes. Pure.

Without it, somebody could begin a login, take the LMS's answer, and have another person's
browser bring it: that person would then work in a stranger's account (login CSRF). In order:

1. **A cookie** of the login comes back with the launch.
2. **Platform storage.** Where the login brought no cookie of ours and the LMS named a frame
   (`lti_storage_target`), a page of ours puts a secret of that login there, before the LMS is
   asked who this is; after the launch, a page of ours reads it back. LTI OIDC Login with
   LTI Client Side postMessages 0.1; LTI postMessage Storage 0.1.
3. **A new tab**, by a ticket that is good once: where no cookie stays in the frame, a session
   could not either, proven or not. The person is asked by name in the tab, unless the frame that
   opened it stood on rung 2, and vouches for it: a page of ours to a page of ours, by message.

What storage proves: the LMS's page keeps data by browser, and for each tool's origin apart. A page
of our origin wrote the secret in the browser that began, and only there; it is derived from the
state of that one login. So whoever reads it back sits in a browser in which that login began.

What keeps a stranger from injecting it. Whoever begins a login learns its secret, and could bring
it by hand; so it is not enough to know it:

- Our scripts post only to the origin of the registration's authorisation address, and believe
  only answers of that origin to a message id that they made up.
- The secret is taken by a script's call of our own page alone (`check_caller`): another site's page
  cannot make a browser send it, since JSON across origins is asked for first and not allowed.
- The session's cookie is in the answer to that very call. There is no address that opens the
  session without asking and that could be handed to somebody else.

A browser that keeps other cookies of ours but not this login's is refused before all this: another
browser began.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from lti_tool.gateway.rules import OPEN_AGAIN, browser_differs
from lti_tool.kernel.errors import NotSignedIn
from lti_tool.kernel.text import N_
from lti_tool.lti.addresses import same_origin

# Added to the state when the LMS's page said that it keeps our secret. It proves nothing; it
# spares those whose LMS does not answer a second wait.
KEPT = ".kept"
_FRAME_NAME = re.compile(r"[\w.:-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Beginner:
    """How the browser that began a login shows itself later.

    `browser` is the digest of a cookie that came back with the launch, empty where none did.
    `proof` is the digest of what the LMS's `storage_target` keeps, empty where it keeps nothing.
    """

    browser: str = ""
    proof: str = ""
    storage_target: str = ""


def storage_frame(named: str) -> str:
    """Returns the frame that an LMS named to keep data in, or nothing for what is no such name."""
    return named if _FRAME_NAME.fullmatch(named) else ""


def split_state(sent: str) -> tuple[str, bool]:
    """Returns the state of a login, and whether the LMS's page said that it keeps our secret."""
    return sent.removesuffix(KEPT), sent.endswith(KEPT)


def storage_key(proof: str) -> str:
    """Returns the name under which the LMS's page keeps a secret: each login has its own."""
    return f"imhcf_{proof[:16]}"


def check_caller(origin: str | None, fetch_site: str | None, ours: str) -> None:
    """Raises `NotAllowed` for a call that no page of ours made.

    `origin` is what browsers add to every script's POST, `fetch_site` what most add besides
    (Fetch Metadata). A page cannot change either.
    """
    if not same_origin(origin or "", ours) or fetch_site not in {None, "same-origin"}:
        raise browser_differs()


def check_cookies(browser: str, brought: Collection[str]) -> None:
    """Raises `NotAllowed` for a ticket of a proven browser in another one."""
    if browser and browser not in brought:
        raise browser_differs()


def ticket_used() -> NotSignedIn:
    """Returns the refusal of a ticket that was used, is over, or never was."""
    return NotSignedIn(
        N_("This way in has been used, or it is too old."), code="ticket-used", advice=OPEN_AGAIN
    )
