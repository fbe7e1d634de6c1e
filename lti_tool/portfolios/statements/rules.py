"""When a witness may speak, and what is asked of them. Pure."""
