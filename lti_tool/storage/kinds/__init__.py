"""Which kinds of file are evidence, by their content. Pure: sources are read, nothing is run."""
