"""Two runs side by side: what each said, and what became of it."""
