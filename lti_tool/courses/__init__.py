"""Organisations, and the people, courses, memberships and placements inside them."""
