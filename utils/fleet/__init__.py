"""Many archives as one task: the plan, what is kept on disk, and a row for each archive."""
