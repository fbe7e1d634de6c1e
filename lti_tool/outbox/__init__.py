"""Durable messages: a row that commits with the change it tells of, taken with a lease."""
