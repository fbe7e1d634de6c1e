"""JSON in and out of the control API."""

from typing import Any

from flask import Response, jsonify, request

from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotAllowed, NotFound

STATUSES: dict[type[ImhcfError], int] = {InvalidInput: 400, NotAllowed: 403, NotFound: 404}


def body() -> dict[str, Any]:
    """Returns the request's JSON object, an empty one for no body; raises `InvalidInput`."""
    if not request.get_data():
        return {}
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise InvalidInput("The body has to be a JSON object.")
    return sent


def whole_number(sent: dict[str, Any], name: str, default: int | None = None) -> int:
    """Returns a whole number of the request's body; raises `InvalidInput`."""
    value = sent.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{name} has to be a whole number.")
    return value


def problem(error: ImhcfError) -> tuple[Response, int]:
    """Answers an error in JSON."""
    return jsonify({"error": error.sentence}), STATUSES.get(type(error), 500)
