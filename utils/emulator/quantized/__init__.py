"""The network run as the stored integers."""
