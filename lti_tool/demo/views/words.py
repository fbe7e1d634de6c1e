"""The settings page's words for faults, where they apply, and what was just done."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from lti_tool.demo.faults import ALL_SERVICES, FaultKind, ServiceKind

FAULT_TEXTS: Mapping[str, LazyString] = {
    FaultKind.DOWN: _("Down: the connection closes without an answer"),
    FaultKind.UNAVAILABLE: _("503: unavailable, come back later"),
    FaultKind.SLOW: _("Slow: answers after a while"),
    FaultKind.UNAUTHORISED: _("401: the access token is refused"),
    FaultKind.CONFLICT: _("409: conflict"),
    FaultKind.TOO_MANY: _("429: too many requests"),
    FaultKind.BROKEN: _("500: the LMS breaks"),
    FaultKind.LOST_ANSWER: _("Lost answer: the work is done, the answer never arrives"),
}

SCOPE_TEXTS: Mapping[str, LazyString] = {
    ALL_SERVICES: _("every service"),
    ServiceKind.KEYSET: _("the key set"),
    ServiceKind.ACCESS: _("access tokens"),
    ServiceKind.LINE_ITEMS: _("line items"),
    ServiceKind.SCORES: _("scores"),
    ServiceKind.RESULTS: _("results"),
    ServiceKind.ROSTER: _("the roster"),
    ServiceKind.GROUPS: _("groups"),
    ServiceKind.NOTICES: _("addresses for notices"),
}

DONE: Mapping[str, LazyString] = {
    "profile": _("The profile was switched. It applies from the next launch on."),
    "launches": _("Launches are made this way from now on."),
    "faults": _("The faults were changed."),
    "reset": _("Everything is as it was at the first start."),
}
