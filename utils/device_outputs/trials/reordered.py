"""Frames in an order of their own: as text sorts their names, backwards, or with some dropped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.distances import squared_distances
from utils.device_outputs.trials.missing_frames import empty_frames
from utils.device_outputs.trials.pairs import Indices, Pairs, Reordered, frames
from utils.wording import plural

FEWEST_FRAMES, LEAST_SHARE = 4, 1 / 3  # that have to fit
FEWEST_VALUES = 4  # of a frame: fewer fit some other sample by chance, but no whole known order
# Of the energy by which samples differ, what may be left between a frame and its own sample.
MOST_LEFT = 0.05
MOST_FRAMES = 2048  # more take too many comparisons


def undone(pairs: Pairs) -> Reordered | None:
    """Every frame beside the sample that it is nearest to, each sample used once."""
    expected, given = frames(pairs)
    count = len(given)
    if not FEWEST_FRAMES <= count <= MOST_FRAMES:
        return None
    if given.shape[1] < FEWEST_VALUES:
        return _in_known_order(pairs)
    held = np.flatnonzero(~empty_frames(pairs))
    if len(held) < max(FEWEST_FRAMES, LEAST_SHARE * count):
        return None
    distances = squared_distances(given[held], expected)
    nearest = distances.argmin(axis=1)
    spread = float(np.square(expected - expected.mean(axis=0)).sum(axis=1).mean())
    is_near = distances[np.arange(len(held)), nearest] <= MOST_LEFT * spread
    moved = int((nearest != held).sum())
    if not moved or not is_near.all() or len(np.unique(nearest)) < len(nearest):
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
