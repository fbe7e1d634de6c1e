"""Scores: what a placement is worth for a person, and how its delivery to the LMS stands."""
