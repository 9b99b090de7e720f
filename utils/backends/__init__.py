"""Where measurements come from; each backend is one module with the same functions."""
