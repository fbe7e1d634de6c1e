"""Which rooms' pages the application serves."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from lti_tool.assessments.views import blueprint as assessments
from lti_tool.dashboards.views import blueprint as dashboards
from lti_tool.gateway.placing import blueprint as placing
from lti_tool.gateway.protocol import EXTENSION, make_protocol
from lti_tool.gateway.views import blueprint as gateway
from lti_tool.kernel.runtime import Runtime
from lti_tool.web.health import blueprint as health


def register_pages(app: Flask, runtime: Runtime) -> None:
    """Adds every room's pages to the application.

    The LTI routes are called by LMSs, which know no form secret of ours; state, nonce and
    ticket guard them instead.
    """
    app.extensions[EXTENSION] = make_protocol(runtime)
    for blueprint in (assessments, dashboards, placing, gateway, health):
        app.register_blueprint(blueprint)
    csrf: CSRFProtect = app.extensions["csrf"]
    csrf.exempt(gateway)
