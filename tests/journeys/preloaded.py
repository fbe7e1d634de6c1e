"""What every process of a journey has read before it begins: the program and its frameworks."""

from sqlalchemy.orm import configure_mappers

import lti_tool.cli.main
import tests.journeys.processes  # noqa: F401 - where processes begin
from lti_tool.competencies.queries import library

__all__ = ["lti_tool"]

configure_mappers()
library()
