"""Who reads: appointments, conflicts of interest, allocation by load."""
