"""What an assessor writes, and what is missing before it is done. Pure."""
