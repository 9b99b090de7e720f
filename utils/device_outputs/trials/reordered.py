"""Frames in an order of their own: as text sorts their names, backwards, or any other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.missing_frames import empty_frames
from utils.device_outputs.trials.nearest import (
    FEWEST_FRAMES,
    FEWEST_VALUES,
    MOST_FRAMES,
    MOST_LEFT,
    moves_midway,
    nearest_samples,
)
from utils.device_outputs.trials.pairs import Indices, Pairs, Reordered, frames
from utils.wording import plural


def undone(pairs: Pairs) -> Reordered | None:
    """Every frame beside the sample that it is nearest to, each sample used once."""
    _, given = frames(pairs)
    count = len(given)
    if FEWEST_FRAMES <= count <= MOST_FRAMES and given.shape[1] < FEWEST_VALUES:
        return _in_known_order(pairs)
    found = nearest_samples(pairs)
    if found is None or moves_midway(*found):
        return None
    held, nearest = found
    moved = int((nearest != held).sum())
    if not moved or len(np.unique(nearest)) < len(nearest):
        return None
    if len(np.unique((held - nearest) % count)) == 1:
        return None  # late, with what came before or after in the places that are left
    evidence = _evidence(held, nearest, count, moved)
    return Reordered(tuple(pair.taken(nearest, held) for pair in pairs), evidence)


def _in_known_order(pairs: Pairs) -> Reordered | None:
    """Frames of a few values in one of the orders that have a name."""
    expected, given = frames(pairs)
    if empty_frames(pairs).any():
        return None
    spread = float(np.square(expected - expected.mean(axis=0)).sum(axis=1).mean())
    every = np.arange(len(given))
    for order, places in known_orders(len(given)).items():
        left = float(np.square(expected[places] - given).sum(axis=1).mean())
        if left <= MOST_LEFT * spread and (places != every).any():
            moved = tuple(pair.taken(places, every) for pair in pairs)
            return Reordered(moved, f"the frames lie {order}")
    return None


def _evidence(held: Indices, nearest: NDArray[np.int64], count: int, moved: int) -> str:
    for order, places in known_orders(count).items():
        if np.array_equal(nearest, places[held]):
            return f"the frames lie {order}"
    first = int(np.flatnonzero(nearest != held)[0])
    said = (
        f"{moved} of {plural(count, 'frame')} hold the result for another sample, the first of "
        f"them frame {held[first]} that for sample {nearest[first]}"
    )
    gaps = count - len(held)
    return f"{said}; {plural(gaps, 'frame')} of one number alone" if gaps else said


def known_orders(count: int) -> dict[str, NDArray[np.int64]]:
    """Which sample lies at every place, by what is said of the order."""
    texts = {
        f"as text sorts numbers from {first} on, 1, 10, 11 before 2": _as_text(count, first)
        for first in (0, 1)
    }
    return {"backwards": np.arange(count)[::-1], **texts}


def _as_text(count: int, first: int) -> NDArray[np.int64]:
    names = [str(first + place) for place in range(count)]
    return np.array(sorted(range(count), key=names.__getitem__), np.int64)
