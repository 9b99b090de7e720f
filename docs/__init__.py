"""The documentation, and the program that keeps it in step with the code."""
