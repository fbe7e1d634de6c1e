"""Papers: PDFs rendered by the worker, and the same pages in HTML."""
