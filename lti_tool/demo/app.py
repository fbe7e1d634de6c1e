"""Makes the development LMS, a Flask application of its own."""

from datetime import datetime

from flask import Flask, Response, render_template
from flask_babel import Babel, format_datetime
from flask_babel import gettext as _
from flask_bootstrap import Bootstrap5
from werkzeug.exceptions import HTTPException

from lti_tool.demo.calls import CallLog
from lti_tool.demo.database import Database
from lti_tool.demo.faults import FaultBoard
from lti_tool.demo.folders import template_folder, translation_folder
from lti_tool.demo.keys import KeyRing
from lti_tool.demo.lms import EXTENSION, Lms
from lti_tool.demo.platform.assertions import ToolKeys
from lti_tool.demo.platform.profiles import named_profile
from lti_tool.demo.platform.routes import platform_blueprint
from lti_tool.demo.seed import seed
from lti_tool.demo.settings import LmsSettings
from lti_tool.demo.switches import Switchboard
from lti_tool.demo.views.adding import adding_blueprint
from lti_tool.demo.views.control import control_blueprint
from lti_tool.demo.views.pages import pages_blueprint
from lti_tool.demo.views.shared import page_context
from lti_tool.demo.views.switching import switching_blueprint
from lti_tool.demo.views.tools import tools_blueprint
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotAllowed, NotFound

STATUSES: dict[type[ImhcfError], int] = {InvalidInput: 400, NotAllowed: 403, NotFound: 404}
# The tool is shown in a frame, from wherever it is; nothing else comes from elsewhere.
POLICY = "default-src 'self'; img-src 'self' data:; frame-src *; base-uri 'none'; object-src 'none'"


def create_lms(settings: LmsSettings) -> Flask:
    """Returns the LMS with its database made and filled.

    Raises `Misconfigured` for an unknown profile. It runs under any threaded WSGI server;
    `serve` runs it under gunicorn.
    """
    named_profile(settings.profile)
    app = Flask(__name__, static_folder="static", template_folder=str(template_folder()))
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="en_GB",
        BABEL_TRANSLATION_DIRECTORIES=str(translation_folder()),
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.extensions[EXTENSION] = _running(settings)
    Bootstrap5(app)
    Babel(app)
    app.register_blueprint(platform_blueprint())
    app.register_blueprint(pages_blueprint())
    app.register_blueprint(adding_blueprint())
    app.register_blueprint(switching_blueprint())
    app.register_blueprint(tools_blueprint())
    app.register_blueprint(control_blueprint())
    app.context_processor(page_context)
    app.add_template_filter(_moment, "moment")
    app.register_error_handler(ImhcfError, _problem)
    app.register_error_handler(404, _not_found)
    app.after_request(_secured)
    return app


def _running(settings: LmsSettings) -> Lms:
    database = Database(settings.database)
    database.create()
    with database.writing() as session:
        seed(session)
    return Lms(
        settings=settings,
        database=database,
        switchboard=Switchboard(settings.profile),
        faults=FaultBoard(),
        calls=CallLog(),
        keys=KeyRing(database),
        tool_keys=ToolKeys(settings.tool_keyset_url),
    )


def _problem(error: ImhcfError) -> tuple[str, int]:
    status = STATUSES.get(type(error), 500)
    return render_template("demo/problem.html", error=error), status


def _moment(moment: datetime) -> str:
    return str(format_datetime(moment, "d MMM y, HH:mm:ss 'UTC'"))


def _not_found(_error: HTTPException) -> tuple[str, int]:
    return _problem(NotFound(_("There is no such page in this LMS.")))


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
