"""The table of papers asked for and rendered."""
