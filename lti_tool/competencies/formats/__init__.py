"""Exports that neighbours read: Moodle competencies, Canvas outcomes, CASE. Pure functions."""
