"""A small network with trained weights, to try the tool on."""
