"""Stages of one network, run on the same samples and held against one another."""
