"""A bare Flask application with two requests, for comparison: what the server itself costs."""

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue


def make_bare() -> Flask:
    app = Flask(__name__)

    @app.post("/lti/login")
    def login() -> ResponseReturnValue:
        return redirect("/lti/launch?state=" + request.form["login_hint"])

    @app.post("/lti/launch")
    def launch() -> ResponseReturnValue:
        return redirect("/page?" + str(len(request.form["id_token"])), 303)

    return app
