"""One human under several identifiers: merging, older links, what is held about whom."""
