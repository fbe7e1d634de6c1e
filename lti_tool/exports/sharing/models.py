"""The tables of shared links and of their openings."""
