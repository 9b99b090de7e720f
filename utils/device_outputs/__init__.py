"""Outputs of a chip, as users keep them: read, matched to layers, compared, explained."""
