"""The network run in floating point."""
