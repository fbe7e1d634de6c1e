"""What a case is, and how it may be settled. Pure."""
