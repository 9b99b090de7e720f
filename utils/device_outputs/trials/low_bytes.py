"""16-bit codes of which only the lower byte was kept."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.apart import NEAR_CODES, NEAR_SHARE
from utils.device_outputs.dumped import BYTE, Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_VALUES, Undone


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """The upper bytes of the emulation put in front of the lower bytes of the dump."""
    wanted, kept = expected.codes, expected.codes_of(given)
    if wanted is None or kept is None or wanted.size < FEWEST_VALUES or wanted.max() < 2 * BYTE:
        return None
    kept = np.rint(kept)
    if kept.min() < 0 or kept.max() >= BYTE:
        return None
    apart = (kept - wanted + BYTE // 2) % BYTE - BYTE // 2
    if (np.abs(apart) <= NEAR_CODES).mean() < NEAR_SHARE:
        return None
    evidence = f"codes up to {kept.max():.0f} where {wanted.max():.0f} is the highest"
    return Undone(expected.values_of(wanted + apart), evidence, expected)
