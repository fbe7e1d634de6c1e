"""Statements of witnesses and supervisors: invited by a link for one task, in their own words."""
