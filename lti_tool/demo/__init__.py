"""Larkfield, the development LMS: an LTI 1.3 platform written from the specifications.

It shares no code with the tool beyond `kernel`, so that a mistake in one shows in the other.
It is for one developer's machine: whoever opens it may act as anybody.
"""
