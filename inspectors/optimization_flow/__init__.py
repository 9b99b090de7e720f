"""How the optimization was asked to run, and what to try instead."""
