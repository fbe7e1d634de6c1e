"""One transaction for each request, begun when first needed, committed when all went well."""

from typing import Any, cast

from flask import Flask, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.kernel.runtime import Runtime

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def runtime() -> Runtime:
    """Returns the runtime of the current application."""
    return cast("Runtime", current_app.extensions["imhcf"])


def db() -> Session:
    """Returns this request's session; the first call begins its transaction.

    A GET reads only; anything else takes the write lock at once. Views never commit.
    """
    if "db" not in g:
        g.db = runtime().database.begin(write=request.method not in READING)
    return cast("Session", g.db)


class BoundedJson(DefaultJSONProvider):
    """Flask's JSON, where nesting without reason is a mistake of the sender's like any other."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        try:
            return super().loads(s, **options)
        except RecursionError:
            raise ValueError("nested too deep") from None


class ToolFlask(Flask):
    """Flask, with the request's transaction around its view."""

    json_provider_class = BoundedJson

    def dispatch_request(self) -> ResponseReturnValue:
        """Runs the view; commits its transaction, or rolls it back when the view raises.

        The commit comes before the response is sent: "saved" is said only when it is true.
        """
        try:
            answer = super().dispatch_request()
            if "db" in g:
                runtime().database.commit(g.db)
        finally:
            close_transaction()
        return answer


def close_transaction(_error: BaseException | None = None) -> None:
    """Ends the request's transaction, if one is open; what was not committed is undone."""
    session: Any = g.pop("db", None)
    if session is not None:
        runtime().database.end(session)
