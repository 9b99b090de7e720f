"""Loops compiled by numba, where it is installed: one pass over a tensor instead of several."""
