"""Handing a portfolio in: what is missing, what is frozen, the receipt, withdrawal."""
