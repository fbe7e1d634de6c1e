"""Connecting an LMS: dynamic registration, invitations, what is copied by hand."""
