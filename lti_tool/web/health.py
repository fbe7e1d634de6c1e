"""Whether this process lives, and whether it can serve: for proxies and supervisors."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from lti_tool.web.guards import public
from lti_tool.web.requests import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Answers as long as the process does, without touching anything."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Answers 200 when the database does too, else 503."""
    db().execute(text("SELECT 1"))
    return jsonify(status="ready")
