"""Measures speed; nothing in the test suite depends on it. Run: make bench."""
