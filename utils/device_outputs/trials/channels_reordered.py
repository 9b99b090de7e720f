"""Channels in another order: classes backwards, a background moved, bins and sides exchanged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.sampled import stride_over
from utils.device_outputs.trials.distances import squared_distances
from utils.device_outputs.trials.undone import Undone

FEWEST_VALUES = 8  # of a channel: fewer fit another one by chance
MOST_CHANNELS = 512  # more take too many comparisons
ENOUGH = 4096  # values of a channel, by which it is told from others
MOST_LEFT = 0.05  # of the energy of a channel about its mean, that may be left


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Every channel beside the one that it is nearest to, each used once."""
    channels = expected.shape[2]
    wanted, held = (v.reshape(-1, channels) for v in (expected.values.astype(np.float64), given))
    if not 2 <= channels <= MOST_CHANNELS or len(wanted) < FEWEST_VALUES:
        return None
    stride = stride_over(expected.values.shape[:3], ENOUGH)
    places = _nearest(wanted[::stride], held[::stride])
    if places is None or np.array_equal(places, np.arange(channels)):
        return None
    return Undone(given[..., places], _evidence(places), expected)


def _nearest(wanted: Numbers, held: Numbers) -> NDArray[np.int64] | None:
    """For each channel of the emulation the one of the dump; None where that is not clear."""
    distances = squared_distances(wanted.T, held.T)
    spread = np.square(wanted - wanted.mean(axis=0)).sum(axis=0)
    left, places = distances.copy(), np.full(len(distances), -1)
    for _ in places:
        channel, other = np.unravel_index(int(left.argmin()), left.shape)
        places[channel] = other
        left[channel, :] = left[:, other] = np.inf
    found = distances[np.arange(len(places)), places]
    return places if found.sum() <= MOST_LEFT * spread.sum() else None


def _evidence(places: NDArray[np.int64]) -> str:
    count = len(places)
    if np.array_equal(places, np.arange(count)[::-1]):
        return f"{count} channels in reverse order"
    moved = np.flatnonzero(places != np.arange(count))
    first = int(moved[0])
    return (
        f"{len(moved)} of {count} channels lie elsewhere, such as that of channel {first} at "
        f"{places[first]}"
    )
