"""Pictures: freed of what cameras write into them, turned upright, with a preview."""
