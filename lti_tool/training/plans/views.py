"""Every page of goals and of the training record, on one blueprint."""

from lti_tool.training.plans import certificate_views, goal_views, record_views
from lti_tool.training.plans.pages import blueprint

__all__ = ["blueprint", "certificate_views", "goal_views", "record_views"]
