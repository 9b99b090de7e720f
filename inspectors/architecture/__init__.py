"""What kind of network a graph is, as far as its layers tell."""
