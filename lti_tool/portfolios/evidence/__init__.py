"""Evidence: files that belong to tasks of a portfolio, how they come, who is given them."""
