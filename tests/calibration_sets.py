"""Calibration sets of which only the size matters."""

from __future__ import annotations

from utils.dataset import CalibrationSet


def samples(count: int) -> CalibrationSet:
    """A set of so many samples that nobody reads."""
    return CalibrationSet("x.npy", samples=count, used=min(count, 64), inputs={}, arrays={})
