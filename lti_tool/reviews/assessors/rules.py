"""Who may read what, and who reads next. Pure."""
