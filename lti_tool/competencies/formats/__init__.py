"""The framework in formats that neighbours read."""
