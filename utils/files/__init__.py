"""Files by what is in them: which kind they are of, and what to do with one of another kind."""
