"""Many archives on many machines: what workers do, and who hands it out."""
