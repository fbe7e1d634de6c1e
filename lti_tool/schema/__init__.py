"""Imports every model, so that migrations and tests see the whole schema."""

from lti_tool.assessments import models as assessments
from lti_tool.assessments import models_import as brought_in
from lti_tool.competencies.wordings import models as wordings
from lti_tool.courses import models as courses
from lti_tool.courses.rosters import models as rosters
from lti_tool.exports.papers import models as papers
from lti_tool.exports.personal import models as personal
from lti_tool.exports.sharing import models as sharing
from lti_tool.gateway import models as gateway
from lti_tool.gateway.connecting import models as connecting
from lti_tool.gateway.organisation import models as organisation
from lti_tool.gateway.people import models as people
from lti_tool.gateway.picking import models as picking
from lti_tool.gateway.rosters import models as notices
from lti_tool.grades import models as grades
from lti_tool.kernel.models import Base
from lti_tool.notifications import models as notifications
from lti_tool.outbox import models as outbox
from lti_tool.portfolios import models as portfolios
from lti_tool.portfolios.cases import models as cases
from lti_tool.portfolios.evidence import models as evidence
from lti_tool.portfolios.statements import models as statements
from lti_tool.portfolios.submitting import models as submissions
from lti_tool.register import models as register
from lti_tool.reviews import models as reviews
from lti_tool.storage import models as storage
from lti_tool.training.offers import models as offers
from lti_tool.training.plans import models as plans
from lti_tool.web import models as web

metadata = Base.metadata

__all__ = [
    "assessments",
    "brought_in",
    "cases",
    "connecting",
    "courses",
    "evidence",
    "gateway",
    "grades",
    "metadata",
    "notices",
    "notifications",
    "offers",
    "organisation",
    "outbox",
    "papers",
    "people",
    "personal",
    "picking",
    "plans",
    "portfolios",
    "register",
    "reviews",
    "rosters",
    "sharing",
    "statements",
    "storage",
    "submissions",
    "web",
    "wordings",
]
