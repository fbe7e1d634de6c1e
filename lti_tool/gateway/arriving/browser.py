"""The cookies by which a browser is known again between a login and its session."""

from flask import request
from werkzeug.wrappers import Response

from lti_tool.gateway.rules import ASKING_TICKET_LIFE, LOGIN_LIFE
from lti_tool.kernel.secrets import digest
from lti_tool.web.requests import runtime
from lti_tool.web.sessions import set_cookie

OURS = "imhcf_"
LOGIN_COOKIE = "imhcf_login_"
# Says no more than that this browser keeps our cookies; see `gateway.rules.check_browser`. It
# outlives a login: with it, the next one needs no page of ours between two of the LMS.
KEEPS_COOKIES = "imhcf_keeps_cookies"
# More logins than this in one browser were abandoned; headers have a limited size.
MOST_LOGIN_COOKIES = 12
ASKED = "imhcf_asked"
COOKIE_PATH = "/lti/"
_LOGIN_SECONDS = int((LOGIN_LIFE + ASKING_TICKET_LIFE).total_seconds())
_KEEPS_SECONDS = 30 * 24 * 3600


def keeps_cookies() -> bool:
    """Says whether this browser brought any cookie of ours."""
    return any(name.startswith(OURS) for name in request.cookies)


def login_cookie(state: str) -> str:
    """Returns the name of a login's cookie: each has its own, so that two frames share none."""
    return LOGIN_COOKIE + digest(state)[:16]


def remember_login(response: Response, state: str, secret: str) -> None:
    """Hands a login's secret to the browser, and lets go of its oldest ones."""
    put(response, login_cookie(state), secret)
    if KEEPS_COOKIES not in request.cookies:
        remember_cookies_work(response)
    _forget(response, _login_cookie_names()[: -MOST_LOGIN_COOKIES + 1])


def remember_cookies_work(response: Response) -> None:
    """Sets the cookie by whose return a browser shows that it keeps ours."""
    put(response, KEEPS_COOKIES, "1", _KEEPS_SECONDS)


def forget_login(response: Response, browser: str) -> None:
    """Removes the cookie of a login that has done its work; another frame's may be under way."""
    names = _login_cookie_names()
    _forget(response, [n for n in names if digest(request.cookies[n]) == browser])


def login_digests() -> frozenset[str]:
    """Returns the digests of the secrets of every login that this browser began."""
    return frozenset(digest(request.cookies[name]) for name in _login_cookie_names())


def put(response: Response, name: str, value: str, seconds: int = _LOGIN_SECONDS) -> None:
    """Sets a cookie for the addresses between a login and its session."""
    set_cookie(
        response, runtime().settings, name=name, value=value, path=COOKIE_PATH, seconds=seconds
    )


def _login_cookie_names() -> list[str]:
    """The names of this browser's login cookies, oldest first, as browsers send them."""
    return [name for name in request.cookies if name.startswith(LOGIN_COOKIE)]


def _forget(response: Response, names: list[str]) -> None:
    for name in names:
        put(response, name, "", 0)
