"""Puts the rooms together: pages to addresses, topics to handlers, chores to the worker."""
