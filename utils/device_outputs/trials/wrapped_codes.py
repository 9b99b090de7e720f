"""Codes in a type that is too small, or subtracted in one: they wrap around."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.apart import NEAR_CODES, NEAR_SHARE
from utils.device_outputs.dumped import BYTE, WORD, Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_CODES, FEWEST_VALUES, Undone


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Codes brought back by the whole turns that they are away from the emulation."""
    wanted, kept = expected.codes, expected.codes_of(given)
    if wanted is None or kept is None or wanted.size < FEWEST_VALUES:
        return None
    if len(np.unique(wanted)) < FEWEST_CODES:
        return None
    turn = BYTE if expected.is_of_bytes else WORD
    turns = np.rint((np.rint(kept) - wanted) / turn)
    rest = np.rint(kept) - wanted - turns * turn
    if not turns.any() or (np.abs(rest) <= NEAR_CODES).mean() < NEAR_SHARE:
        return None
    # What wraps around leaves the codes that there are; among them 0 and 255 are a turn apart too.
    moved = np.rint(kept[turns != 0])
    if ((moved >= 0) & (moved <= expected.highest_code)).mean() > 1 - NEAR_SHARE:
        return None
    evidence = f"{(turns != 0).mean():.0%} of the codes are {turn} away, one turn of their type"
    return Undone(expected.values_of(kept - turns * turn), evidence, expected)
