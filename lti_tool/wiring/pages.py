"""Which rooms' pages the application serves."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from lti_tool.assessments.change_views import blueprint as changes
from lti_tool.assessments.looking_back_views import blueprint as looking
from lti_tool.assessments.views import blueprint as assessments
from lti_tool.competencies.views import blueprint as case
from lti_tool.dashboards.observing import blueprint as observing
from lti_tool.dashboards.views import blueprint as dashboards
from lti_tool.dashboards.wording_views import blueprint as wordings
from lti_tool.exports.certificates.views import blueprint as certificates
from lti_tool.exports.papers.views import blueprint as papers
from lti_tool.exports.personal.alone_views import blueprint as personal_alone
from lti_tool.exports.personal.views import blueprint as personal
from lti_tool.exports.sharing.public import blueprint as shared
from lti_tool.exports.sharing.views import blueprint as sharing
from lti_tool.exports.submissions.views import blueprint as submission_papers
from lti_tool.gateway.arriving.views import blueprint as arriving
from lti_tool.gateway.connecting.pages import blueprint as connecting
from lti_tool.gateway.connecting.views import blueprint as registering
from lti_tool.gateway.organisation.settings_views import blueprint as connection_settings
from lti_tool.gateway.organisation.views import blueprint as connections
from lti_tool.gateway.people.about_views import blueprint as about
from lti_tool.gateway.people.about_views import reviewing
from lti_tool.gateway.people.views import blueprint as people
from lti_tool.gateway.picking.views import blueprint as picking
from lti_tool.gateway.placing import blueprint as placing
from lti_tool.gateway.protocol import EXTENSION, make_protocol
from lti_tool.gateway.reconciling.views import blueprint as columns
from lti_tool.gateway.rosters.views import blueprint as notices
from lti_tool.gateway.views import blueprint as gateway
from lti_tool.kernel.runtime import Runtime
from lti_tool.notifications.mail_views import blueprint as mail
from lti_tool.notifications.opening import show_counts
from lti_tool.notifications.views import blueprint as notifications
from lti_tool.portfolios.cases.views import blueprint as cases
from lti_tool.portfolios.evidence.queries import evidence_counts
from lti_tool.portfolios.evidence.views import blueprint as evidence
from lti_tool.portfolios.sources import Sources, use_sources
from lti_tool.portfolios.statements.public import blueprint as statement
from lti_tool.portfolios.statements.views import blueprint as statements
from lti_tool.portfolios.submitting.terms_views import blueprint as submission_rules
from lti_tool.portfolios.submitting.views import blueprint as submitting
from lti_tool.portfolios.views import blueprint as portfolios
from lti_tool.register.credential_views import blueprint as credentials
from lti_tool.register.public_views import blueprint as register
from lti_tool.register.recognition_views import blueprint as recognition
from lti_tool.register.registrar_views import blueprint as registrar
from lti_tool.reviews.assessors.views import assessors, reviews
from lti_tool.reviews.assessors.views import rules_page as review_rules
from lti_tool.reviews.desk.views import blueprint as desk
from lti_tool.reviews.figures.views import blueprint as review_figures
from lti_tool.reviews.outcomes.decision_views import blueprint as decisions
from lti_tool.reviews.outcomes.log_views import blueprint as review_log
from lti_tool.reviews.outcomes.outcome_views import blueprint as outcomes
from lti_tool.training.offers.catalogue_files import blueprint as catalogue_files
from lti_tool.training.offers.catalogue_views import blueprint as catalogue
from lti_tool.training.offers.offer_forms import blueprint as catalogue_forms
from lti_tool.training.offers.views import blueprint as training
from lti_tool.training.plans.views import blueprint as plans
from lti_tool.training.portfolio_sources import (
    certificates_beside,
    notes_beside,
    texts_beside,
    training_beside,
)
from lti_tool.web.health import blueprint as health

# In no order that matters: no two answer at one address.
_PAGES = (
    assessments,
    changes,
    looking,
    case,
    dashboards,
    observing,
    wordings,
    connections,
    connection_settings,
    placing,
    columns,
    people,
    about,
    reviewing,
    picking,
    gateway,
    notices,
    arriving,
    registering,
    connecting,
    health,
    plans,
    portfolios,
    submitting,
    submission_rules,
    submission_papers,
    statements,
    statement,
    cases,
    evidence,
    training,
    catalogue,
    catalogue_forms,
    catalogue_files,
    papers,
    sharing,
    shared,
    personal,
    personal_alone,
    register,
    credentials,
    recognition,
    registrar,
    desk,
    assessors,
    reviews,
    review_rules,
    certificates,
    decisions,
    outcomes,
    review_log,
    review_figures,
    notifications,
    mail,
)


def register_pages(app: Flask, runtime: Runtime) -> None:
    """Adds every room's pages to the application.

    The LTI routes are called by LMSs, which know no form secret of ours; state, nonce and
    ticket guard them instead.
    """
    app.extensions[EXTENSION] = make_protocol(runtime)
    quotes = (notes_beside, texts_beside, training_beside)
    use_sources(app, Sources(quotes, evidence_counts, (certificates_beside,)))
    show_counts(app)
    for blueprint in _PAGES:
        app.register_blueprint(blueprint)
    csrf: CSRFProtect = app.extensions["csrf"]
    csrf.exempt(gateway)
    csrf.exempt(registering)
    csrf.exempt(notices)
    csrf.exempt(arriving)
    csrf.exempt(statement)  # it says itself why
