"""Read-only links that a learner gives to an employer."""
