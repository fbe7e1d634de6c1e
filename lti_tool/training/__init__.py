"""Training for the gaps: offers and recommendations, goals, and the record of what was taken."""
