"""Who may call what is not LTI: this machine, and pages of this LMS.

The LMS has no passwords. A page elsewhere on the web must not be able to use that through a
developer's browser, by a form, by script, or by a name that resolves to this machine.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _

from lti_tool.demo.lms import current_lms
from lti_tool.kernel.errors import NotAllowed

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nothing else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_strangers() -> None:
    """Raises `NotAllowed` for a caller elsewhere, or one under a name that is not ours."""
    ours = urlsplit(current_lms().settings.base_url).hostname
    host = urlsplit(f"//{request.host}").hostname or ""
    if not is_loopback(request.remote_addr or ""):
        raise NotAllowed(_("The development LMS answers only on its own machine."))
    if host != ours and not is_loopback(host):
        raise NotAllowed(_("The development LMS does not answer under this name."))


def refuse_other_sites() -> None:
    """Raises `NotAllowed` for a change that another site's page asks for."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    is_cross_site = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    if is_cross_site or (origin is not None and urlsplit(origin).netloc != request.host):
        raise NotAllowed(_("This can only be changed from the LMS’s own pages."))
