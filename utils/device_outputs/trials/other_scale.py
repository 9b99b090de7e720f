"""Codes that became numbers with another scale or zero point than the archive's."""

from __future__ import annotations

import math

import numpy as np

from utils.device_outputs.apart import correlation
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_CODES, FEWEST_VALUES, Undone
from utils.wording import rounded

# A line through codes is exact but for rounding.
ON_A_LINE = 0.999
# A slope or an offset that is nearer to none is what emulators differ by.
OTHER_SLOPE, OTHER_OFFSET = 0.01, 1.5  # a share; codes
SAME_SCALE, SAME_ZERO = 0.01, 0.01  # shares by which constants may be off that are the same


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Values brought back by the one line that fits all of them."""
    wanted = expected.values.astype(np.float64)
    if wanted.size < FEWEST_VALUES or not correlation(wanted, given) > ON_A_LINE:
        return None
    if len(np.unique(wanted)) < FEWEST_CODES:
        return None
    slope, offset = np.polyfit(wanted.ravel(), given.ravel(), 1)
    step = 0.0 if expected.scales is None else float(expected.scales.max())
    is_own = abs(slope - 1) < OTHER_SLOPE and abs(offset) <= OTHER_OFFSET * step
    if not math.isfinite(slope) or slope <= 0 or is_own:
        return None
    nothing = abs(offset) < 0.01 * float(np.abs(given).max())
    said = "no offset" if nothing else f"offset {rounded(float(offset))}"
    evidence = f"slope {rounded(float(slope))} and {said}"
    if expected.has_scale_per_channel:
        evidence += f" against the archive's scale of {rounded(step)} a code"
    elif expected.scales is not None:
        evidence += _as_codes(float(slope), float(offset), expected)
    return Undone((given - offset) / slope, evidence, expected)


def _as_codes(slope: float, offset: float, expected: Expected) -> str:
    """The scale and zero point that lead to the numbers, beside the archive's, and what that means.

    Beginning with a comma; of outputs with one scale.
    """
    if expected.scales is None or expected.zero_points is None:
        return ""
    scale, zero = float(expected.scales[0]), float(expected.zero_points[0])
    taken = scale * slope
    off = zero - offset / taken
    numbers = f"(code - {round(off)}) * {rounded(taken)}"
    said = f", numbers as {numbers} where the archive has (code - {round(zero)}) * {rounded(scale)}"
    for what, wrong_scale, wrong_zero in (
        ("the zero point was not taken off", scale, 0.0),
        ("the zero point was taken off twice", scale, 2 * zero),
        ("the scale was not applied", 1.0, zero),
        ("scale and zero point were applied twice", scale * scale, zero + zero / scale),
    ):
        is_scale = abs(taken / wrong_scale - 1) < SAME_SCALE
        if is_scale and abs(off - wrong_zero) <= SAME_ZERO * max(abs(wrong_zero), 100.0):
            return f"{said}, so {what}"
    return said
