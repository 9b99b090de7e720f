"""One run of the command: options in, report out."""
