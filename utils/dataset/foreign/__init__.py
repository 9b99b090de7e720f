"""Files that are no samples, and what to do with them."""
