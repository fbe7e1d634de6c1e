"""The LMS's own pages, and its control API for tests."""
