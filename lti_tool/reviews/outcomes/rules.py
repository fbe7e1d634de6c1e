"""What readings come to, and what follows. Pure."""
