"""What a person meets while the command runs: log, colours, progress, questions."""
