"""The bench in a process of its own: whatever becomes of that one, this one goes on."""
