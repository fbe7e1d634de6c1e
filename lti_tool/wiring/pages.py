"""Which rooms' pages the application serves."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from lti_tool.assessments.change_views import blueprint as changes
from lti_tool.assessments.looking_back_views import blueprint as looking
from lti_tool.assessments.views import blueprint as assessments
from lti_tool.competencies.views import blueprint as case
from lti_tool.dashboards.views import blueprint as dashboards
from lti_tool.dashboards.wording_views import blueprint as wordings
from lti_tool.exports.papers.views import blueprint as papers
from lti_tool.exports.personal.views import blueprint as personal
from lti_tool.exports.sharing.public import blueprint as shared
from lti_tool.exports.sharing.views import blueprint as sharing
from lti_tool.gateway.placing import blueprint as placing
from lti_tool.gateway.protocol import EXTENSION, make_protocol
from lti_tool.gateway.views import blueprint as gateway
from lti_tool.kernel.runtime import Runtime
from lti_tool.training.offers.catalogue_files import blueprint as catalogue_files
from lti_tool.training.offers.catalogue_views import blueprint as catalogue
from lti_tool.training.offers.offer_forms import blueprint as catalogue_forms
from lti_tool.training.offers.views import blueprint as training
from lti_tool.training.plans.views import blueprint as plans
from lti_tool.web.health import blueprint as health


def register_pages(app: Flask, runtime: Runtime) -> None:
    """Adds every room's pages to the application.

    The LTI routes are called by LMSs, which know no form secret of ours; state, nonce and
    ticket guard them instead.
    """
    app.extensions[EXTENSION] = make_protocol(runtime)
    for blueprint in (
        assessments,
        changes,
        looking,
        case,
        dashboards,
        wordings,
        placing,
        gateway,
        health,
        plans,
        training,
        catalogue,
        catalogue_forms,
        catalogue_files,
        papers,
        sharing,
        shared,
        personal,
    ):
        app.register_blueprint(blueprint)
    csrf: CSRFProtect = app.extensions["csrf"]
    csrf.exempt(gateway)
