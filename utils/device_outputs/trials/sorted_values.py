"""Values that a host sorted before it kept them, as scores from the best to the worst."""

from __future__ import annotations

import math

import numpy as np

from utils.device_outputs.apart import apart
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone

# By what is sorted, the axes of (samples, height, width, channels) that it goes over.
SORTED: dict[str, tuple[int, ...]] = {
    "the channels of every place": (3,),
    "all values of every frame": (1, 2, 3),
}
# That values lie in order by chance is less likely than one in e ** 14, a million.
LEAST_UNLIKELY = 14.0


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Every value where the emulation has the one of this rank.

    That makes any two sets of numbers more alike, so they have to be the same then.
    """
    if not np.isfinite(given).all():
        return None
    for what, axes in SORTED.items():
        length = math.prod(given.shape[axis] for axis in axes)
        wanted, held = expected.values.reshape(-1, length), given.reshape(-1, length)
        steps = np.diff(held, axis=1)
        is_falling, is_rising = bool((steps <= 0).all()), bool((steps >= 0).all())
        if is_falling == is_rising or _unlikely(steps) < LEAST_UNLIKELY:
            continue
        ranks = np.argsort(wanted, axis=1, kind="stable")
        values: Numbers = np.empty_like(held)
        np.put_along_axis(values, ranks, held[:, ::-1] if is_falling else held, axis=1)
        values = values.reshape(given.shape)
        if apart(expected, values).is_same:
            way = "largest to the smallest" if is_falling else "smallest to the largest"
            return Undone(values, f"{what} lie from the {way}", expected)
    return None


def _unlikely(steps: Numbers) -> float:
    """Logarithm of one over the chance that so many different values of each row lie in order."""
    different = (steps != 0).sum(axis=1) + 1
    return sum(math.lgamma(count + 1) for count in different.tolist())
