"""The PDF of a portfolio as it was handed in: made by the worker, kept with the submission."""
