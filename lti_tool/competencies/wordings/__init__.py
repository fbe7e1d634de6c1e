"""Official wording that an organisation holds, and corrections by hand: read, matched, kept."""
