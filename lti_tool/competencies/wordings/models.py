"""The tables of wordings and of framework versions."""
