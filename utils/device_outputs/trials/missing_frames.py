"""Frames that hold one number everywhere: results that never came, in a buffer of zeros."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.pairs import Pairs, Reordered
from utils.wording import plural

FEWEST_VALUES = 4  # of a frame: fewer are one number by chance
FEWEST_FRAMES, LEAST_SHARE = 3, 1 / 3  # that have to be left


def empty_frames(pairs: Pairs) -> NDArray[np.bool_]:
    """Which frames are constant at every output, and no frame of the emulation is, (frames,).

    None where every output has one value, which is constant always.
    """
    are_told = any(pair.given[0].size > 1 for pair in pairs)
    empty = np.full(len(pairs[0].given), are_told, np.bool_)
    for pair in pairs:
        given, expected = (
            values.reshape(len(values), -1) for values in (pair.given, pair.expected.values)
        )
        is_same = (given == given[:, :1]).all(axis=1)
        empty &= is_same & (np.ptp(expected, axis=1) > 0 if given.shape[1] > 1 else is_same)
    return empty


def undone(pairs: Pairs) -> Reordered | None:
    """The other frames, each beside its sample."""
    if sum(pair.given[0].size for pair in pairs) < FEWEST_VALUES:
        return None
    empty = empty_frames(pairs)
    there = np.flatnonzero(~empty)
    if not empty.any() or len(there) < max(FEWEST_FRAMES, LEAST_SHARE * len(empty)):
        return None
    first = int(np.flatnonzero(empty)[0])
    count = int(empty.sum())
    evidence = (
        f"{count} of {plural(len(empty), 'frame')} hold one number everywhere, the first of them "
        f"frame {first}"
    )
    return Reordered(tuple(pair.taken(there, there) for pair in pairs), evidence)
