"""CSRF: Flask-WTF's check, over a secret that belongs to the membership in the address.

Two frames of one course open two sessions for the same person, and the browser keeps the
later cookie. A secret of the membership, not of the session, lets both frames go on saving,
while a page of somebody else's session is still refused.

Beside it, what another site's page sends is refused by what browsers say of it (Fetch Metadata).
"""

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, CSRFProtect

from lti_tool.kernel.runtime import Runtime
from lti_tool.web.requests import READING
from lti_tool.web.sessions import SLOT_PATH

_FOREIGN = frozenset({"cross-site", "same-site"})


class FormSecret(dict[str, str], SessionMixin):
    """What Flask calls the session: here, only the secret that forms are signed with."""


class FormSecretInterface(SessionInterface):
    """Makes the secret anew for each request from the slot of its address; stores nothing."""

    def open_session(self, app: Flask, request: Request) -> FormSecret:
        slot = request.path.removeprefix(SLOT_PATH).partition("/")[0]
        box = app.extensions["imhcf"].secrets
        return FormSecret(csrf_token=box.mac("csrf", slot))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save: the real session is in the database, see `sessions`."""


def protect_forms(app: Flask, runtime: Runtime) -> CSRFProtect:
    """Turns the check on for every form; LMS endpoints are exempted where they are defined."""
    app.session_interface = FormSecretInterface()
    app.secret_key = runtime.secrets.key_for("forms")
    app.config["WTF_CSRF_TIME_LIMIT"] = runtime.settings.session_absolute_hours * 3600
    app.config["WTF_CSRF_SSL_STRICT"] = False  # we send no referrer, see `headers`

    @app.before_request
    def refuse_foreign_forms() -> None:
        in_session = request.path.startswith(SLOT_PATH) and request.method not in READING
        if in_session and request.headers.get("Sec-Fetch-Site") in _FOREIGN:
            raise CSRFError("The request began on another site.")

    return CSRFProtect(app)
