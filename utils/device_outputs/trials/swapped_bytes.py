"""16-bit codes whose two bytes lie in the order of another machine."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.dumped import WORD, Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_CODES, FEWEST_VALUES, Undone


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Codes with their bytes exchanged."""
    kept = expected.codes_of(given)
    if kept is None or expected.is_of_bytes or given.size < FEWEST_VALUES:
        return None
    kept = np.rint(kept)
    if kept.min() < 0 or kept.max() >= WORD or len(np.unique(kept)) < FEWEST_CODES:
        return None
    swapped = kept.astype(np.uint16).byteswap()
    evidence = "16-bit codes whose bytes lie the other way round"
    return Undone(expected.values_of(swapped), evidence, expected)
