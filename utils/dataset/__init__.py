"""The calibration set: opened, checked, read in batches, and looked at sample by sample."""
