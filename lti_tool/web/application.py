"""Makes the Flask application with its boundary in place; `wiring` adds the rooms' pages."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask
from flask_bootstrap import Bootstrap5

from lti_tool.kernel.resources import resource_folder
from lti_tool.kernel.runtime import Runtime
from lti_tool.web.csrf import protect_forms
from lti_tool.web.errors import show_errors
from lti_tool.web.guards import live_session
from lti_tool.web.headers import protect_pages
from lti_tool.web.limits import count_requests
from lti_tool.web.requests import ToolFlask, close_transaction
from lti_tool.web.text import speak
from lti_tool.web.uploads import allow_files

# The longest honest form: a domain's notes at full length, with room for their encoding.
MAX_FORM_BYTES = 4 * 1024 * 1024


@cache
def static_digest() -> str:
    """Returns a name for our static files as they are now, for use in their addresses.

    Browsers may then keep them for ever, modules that modules import included, and never mix
    two releases.
    """
    found = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "static").rglob("*")):
        if path.is_file():
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def make_application(runtime: Runtime) -> Flask:
    """Returns the application without any room's pages."""
    app = ToolFlask(
        "lti_tool.web",
        template_folder=str(resource_folder("templates")),
        static_folder="static",
        static_url_path=f"/static/{static_digest()}",
    )
    app.extensions["imhcf"] = runtime
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["live_session"] = live_session
    app.jinja_env.globals["can_open"] = app.view_functions.__contains__
    Bootstrap5(app)
    speak(app, runtime.settings)
    allow_files(app)
    count_requests(app, runtime.settings)
    protect_forms(app, runtime)
    protect_pages(app)
    show_errors(app)
    app.teardown_request(close_transaction)
    return app
