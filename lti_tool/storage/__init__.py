"""Files: kept by content, per organisation, in a local folder or an S3-compatible store."""
