"""What anybody may read to connect an LMS: values to copy, Canvas's configuration, our icon."""

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from lti_tool.gateway.connecting.facts import (
    CANVAS_PATH,
    REGISTER_PATH,
    Value,
    canvas_configuration,
    custom_parameters,
    values,
)
from lti_tool.web.guards import public
from lti_tool.web.limits import limited
from lti_tool.web.requests import runtime

blueprint = Blueprint("connecting", __name__, url_prefix="/lti")
_HOUR = "public, max-age=3600"


@blueprint.get("/connect")
@public
@limited()
def connect() -> ResponseReturnValue:
    """Every value that an LMS asks for, with the steps for Moodle, Canvas and any other."""
    base_url = runtime().settings.base_url
    found = {value.key: value for value in values(base_url)}
    more = (
        Value("register", "", base_url + REGISTER_PATH),
        Value("canvas", "", base_url + CANVAS_PATH),
        Value("custom", "", custom_parameters()),
    )
    return render_template(
        "gateway/connecting/connect.html", values=found | {value.key: value for value in more}
    )


@blueprint.get("/canvas.json")
@public
@limited()
def canvas() -> ResponseReturnValue:
    """The configuration of an LTI key in Canvas, by its address or pasted."""
    response = jsonify(canvas_configuration(runtime().settings.base_url))
    response.headers["Cache-Control"] = _HOUR
    return response


@blueprint.get("/icon.svg")
@public
@limited()
def icon() -> ResponseReturnValue:
    """Our icon under an address that stays: LMSs keep it, and show it in their own pages."""
    response = current_app.send_static_file("icon.svg")
    response.headers["Cache-Control"] = _HOUR
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
