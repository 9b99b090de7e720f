"""Tests of what is measured behind the data pass."""
