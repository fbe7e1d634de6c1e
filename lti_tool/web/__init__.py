"""The request boundary: transaction, session, CSRF, headers, errors, page text."""
