"""Portfolios: accounts of practice, their evidence, and what is handed in for review."""
