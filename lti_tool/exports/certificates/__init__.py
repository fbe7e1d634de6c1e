"""The certificate of a register entry, as a PDF."""
