"""A seeded set of people, portfolios, reviews and register entries, for measuring at size."""
