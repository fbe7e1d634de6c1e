"""The web process: the application with every room in it."""

from flask import Flask

from lti_tool.competencies.loading import library, use_frameworks
from lti_tool.kernel.runtime import Runtime
from lti_tool.web.application import make_application
from lti_tool.wiring.pages import register_pages


def create_app(runtime: Runtime) -> Flask:
    """Returns the application; raises `Misconfigured` when a framework file is wrong."""
    use_frameworks(runtime.settings.added_frameworks)
    library()
    app = make_application(runtime)
    register_pages(app, runtime)
    return app
