"""Self-assessment: a person's ratings, every change of them, and what they are worth."""
