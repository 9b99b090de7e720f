"""Parts of the judgement on weights."""
