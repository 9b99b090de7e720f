"""Trials: each undoes one fault of a dump, and leaves it to others to say whether that helped."""
