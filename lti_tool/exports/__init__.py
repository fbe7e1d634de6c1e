"""What leaves the tool: papers, shared links, a person's whole record."""
