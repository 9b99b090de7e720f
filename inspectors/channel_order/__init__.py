"""What tells how sure a network is, and what to do about the order of its channels."""
