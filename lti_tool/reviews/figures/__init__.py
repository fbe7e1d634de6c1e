"""Quality figures of an organisation's reviews."""
