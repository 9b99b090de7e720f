"""What the terminal shows of a run: short, aligned, and the same facts as the log file's."""
