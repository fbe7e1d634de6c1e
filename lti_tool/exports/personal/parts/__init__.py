"""A person's things, room by room: how each is read for a record, and taken in from one."""
