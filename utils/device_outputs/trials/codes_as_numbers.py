"""Codes that were kept as if they were numbers."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.apart import is_constant
from utils.device_outputs.dumped import WORD, Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Whole numbers from 0 on, read with the archive's scale and zero point."""
    if expected.scales is None or expected.zero_points is None or not given.size:
        return None
    whole = bool((given == np.rint(given)).all())
    if not whole or given.min() < 0 or given.max() >= WORD or is_constant(given):
        return None
    highest = f"whole numbers from {given.min():.0f} to {given.max():.0f}"
    scale, zero = expected.scales[0], expected.zero_points[0] + 0.0
    meant = (
        f"(code - {zero:g}) * {scale:.6g}"
        if not expected.has_scale_per_channel
        else f"a scale for each of {len(expected.scales)} channels"
    )
    return Undone(expected.values_of(given), f"{highest}, which stand for {meant}", expected)
