"""The tables of goals and training records."""
