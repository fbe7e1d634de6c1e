"""What the gradebook holds against what we sent: read back, mended, respected."""
