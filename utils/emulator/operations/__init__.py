"""Every operation of the graph in floating point, one family a module."""
