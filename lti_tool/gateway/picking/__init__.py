"""Placing by picking: the answer to a deep linking request, and what it placed."""
