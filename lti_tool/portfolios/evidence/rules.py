"""What a piece of evidence is, and what it lacks. Pure."""
