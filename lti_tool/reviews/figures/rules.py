"""Agreement and other figures of reviews. Pure."""
