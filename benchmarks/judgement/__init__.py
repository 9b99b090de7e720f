"""Is what the command says first true? Made-up situations with a known fault, and a scorer."""
