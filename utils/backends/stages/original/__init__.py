"""The original model against the archive: fed alike, matched, compared, and what mends them."""
