"""How often one network may ask for what costs us something. A minute is counted at a time.

A class behind one address is one client, so that the bounds are for floods, not for eager
people: a login is counted, since it leaves a row; of everything else that anybody may call, what
is refused is counted, so that a launch that proves itself is never turned away.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError, TooManyRequests
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.settings import Settings
from lti_tool.kernel.text import N_
from lti_tool.web.counts import WINDOW_SECONDS, Counts, Together
from lti_tool.web.errors import status_of

P = ParamSpec("P")
R = TypeVar("R")
_EXTENSION = "imhcf-limits"
# Redis is told of each fiftieth part of a limit: then the sum is right to within as much.
_PARTS = 50
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Limit:
    """What may come from one network in a minute. Of `setting`, the installation says how many."""

    name: str
    per_minute: int = 0
    setting: str = ""
    advice: str = N_("Wait a minute, then open the activity again from your course.")

    def of(self, settings: Settings) -> int:
        """Returns the number; 0 for no limit."""
        return int(getattr(settings, self.setting)) if self.setting else self.per_minute


# A launch is one login. 200 people of one class, and a dozen such classes.
LOGINS = Limit("login", setting="logins_per_minute")
REFUSALS = Limit("refused", setting="refusals_per_minute")
# Each makes us call the address that it names.
REGISTRATIONS = Limit(
    "registration",
    setting="registrations_per_minute",
    advice=N_("Wait a minute, then begin again where you came from."),
)
# Public data, in answers that are large: a program that takes everything needs far fewer.
OPEN_DATA = Limit("open-data", 300, advice=N_("Wait a minute, then ask again."))
# Readings of one shared link.
SHARED_LINKS = Limit("shared", 60, advice=N_("Wait a minute, then open the link again."))
# Readings and writings at one witness's link.
STATEMENTS = Limit("statement", 60, advice=N_("Wait a minute, then open the link again."))


def count_requests(app: Flask, settings: Settings) -> None:
    """Makes the counts of this process, and says whose word on addresses is taken."""
    app.extensions[_EXTENSION] = Counts(_together(settings.redis_url))
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0
        )


def _together(redis_url: str) -> Together | None:
    if not redis_url:
        return None
    # Imported here: its library costs a tenth of a second, and few need it.
    from lti_tool.web.shared_counts import InRedis

    return InRedis(redis_url)


def limited(
    limit: Limit | None = None, *, by: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a view that anyone may call; goes beneath its guard.

    With a limit, every request counts, for its network and the value of the argument that `by`
    names; what the view refuses counts in any case. Raises `TooManyRequests`.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def counted(*args: P.args, **arguments: P.kwargs) -> R:
            if limit is not None:
                count(limit, of=str(arguments[by]) if by else "")
            try:
                return view(*args, **arguments)
            except ImhcfError as error:
                if status_of(error) < _SERVER_ERROR and not isinstance(error, TooManyRequests):
                    count(REFUSALS)
                raise

        counted.limited = True  # type: ignore[attr-defined]
        return counted

    return mark


def count(limit: Limit, *, of: str = "") -> None:
    """Counts this request; raises `TooManyRequests` when it is one too many for its minute."""
    most = limit.of(_settings())
    if not most:
        return
    now = int(clock.now().timestamp())
    counts = cast("Counts", current_app.extensions[_EXTENSION])
    key = f"{limit.name}:{_network()}:{digest(of) if of else ''}"
    if counts.add(key, now // WINDOW_SECONDS, step=max(1, most // _PARTS)) > most:
        raise TooManyRequests(
            N_("Too many requests came from your network within a minute."),
            code="too-many-requests",
            advice=limit.advice,
            detail=limit.name,
            retry_after=WINDOW_SECONDS - now % WINDOW_SECONDS,
        )


def _settings() -> Settings:
    settings: Any = current_app.extensions["imhcf"].settings
    return cast("Settings", settings)


def _network() -> str:
    """The caller's address; of IPv6, the part that one house has as a whole."""
    address = request.remote_addr or ""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((found.packed[:8] + bytes(8), 64)))
