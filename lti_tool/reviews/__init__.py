"""Peer review: assessors, allocation, the desk, verdicts, outcomes, appeals, figures."""
