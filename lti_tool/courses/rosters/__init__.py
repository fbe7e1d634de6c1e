"""The LMS's list of who is in a course, as last fetched: its age, its people, their groups."""
