"""Values that the host averaged over frames: a moving mean, or a part of what came before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone

FEWEST_FRAMES, FEWEST_VALUES = 8, 4
LONGEST = 8  # frames of a moving mean; longer ones leave too few frames to tell
# Of each frame that is kept of the one before it. Less changes next to nothing.
LEAST_KEPT, MOST_KEPT = 0.05, 0.98
# Of the energy about the mean over frames, what such a mean does not explain.
MOST_LEFT = 1e-3


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """The emulation averaged in the one way that gives what the dump holds."""
    count = len(given)
    wanted, held = (v.reshape(count, -1) for v in (expected.values.astype(np.float64), given))
    if count < FEWEST_FRAMES or held.shape[1] < FEWEST_VALUES:
        return None
    energy = float(np.square(held - held.mean(axis=0)).sum())
    best: tuple[float, str, Numbers] | None = None
    for said, averaged in (*_kept(wanted, held), *_moving(wanted)):
        left = float(np.square(averaged - held).sum())
        if left <= MOST_LEFT * energy and (best is None or left < best[0]):
            best = left, said, averaged
    if best is None:
        return None
    _, said, averaged = best
    values = averaged.reshape(given.shape).astype(np.float32)
    # They are no codes any more.
    uncoded = Expected(expected.layer, expected.own_names, expected.original_names, values)
    return Undone(given, said, uncoded)


def _kept(wanted: Numbers, held: Numbers) -> Iterator[tuple[str, Numbers]]:
    """What comes of it if a fixed share of each result is kept for the next."""
    before, after = held[:-1] - wanted[1:], held[1:] - wanted[1:]
    whole = float(np.square(before).sum())
    share = float((before * after).sum()) / whole if whole else 0.0
    if LEAST_KEPT <= share <= MOST_KEPT:
        averaged = held.copy()
        for place in range(1, len(held)):
            averaged[place] = share * averaged[place - 1] + (1 - share) * wanted[place]
        yield f"every frame keeps {share:.2f} of the one before it", averaged


def _moving(wanted: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Means of each frame and of some before it, fewer at the beginning."""
    sums = np.cumsum(wanted, axis=0)
    for length in range(2, LONGEST + 1):
        earlier = np.zeros_like(sums)
        earlier[length:] = sums[:-length]
        counts = np.minimum(np.arange(1, len(wanted) + 1), length)
        averaged = (sums - earlier) / counts[:, np.newaxis]
        yield f"every frame is the mean of {length} in a row", averaged
