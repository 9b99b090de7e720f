"""Files that are no samples, given as data, and what to do with them."""
