"""Imports every model, so that migrations and tests see the whole schema."""

from lti_tool.assessments import models as assessments
from lti_tool.courses import models as courses
from lti_tool.gateway import models as gateway
from lti_tool.grades import models as grades
from lti_tool.kernel.models import Base
from lti_tool.outbox import models as outbox
from lti_tool.web import models as web

metadata = Base.metadata

__all__ = ["assessments", "courses", "gateway", "grades", "metadata", "outbox", "web"]
