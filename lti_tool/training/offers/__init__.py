"""Training offers: the shipped catalogue, an organisation's own, and what they serve."""
