"""Boxes that the runtime decodes and suppresses, beside those of the emulated heads."""
