"""Reports of identifiable data: what is hidden at once, and the history of each case."""
