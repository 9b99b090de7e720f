"""Recipes: what to paste into a shell so that a file that was refused becomes one that fits."""
