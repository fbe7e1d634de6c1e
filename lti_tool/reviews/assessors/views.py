"""The office's pages: appointments, rules, and the list of submissions."""

from lti_tool.reviews.assessors import list_views, office_views, terms_views
from lti_tool.reviews.opening import assessors, reviews, rules_page

__all__ = ["assessors", "list_views", "office_views", "reviews", "rules_page", "terms_views"]
