"""Which sample every frame of a dump is the result for, by its values."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.trials.distances import squared_distances
from utils.device_outputs.trials.missing_frames import empty_frames
from utils.device_outputs.trials.pairs import Indices, Pairs, frames

FEWEST_FRAMES, LEAST_SHARE = 4, 1 / 3  # that have to fit
FEWEST_VALUES = 4  # of a frame: fewer fit some other sample by chance
# Of the energy by which samples differ, what may be left between a frame and its own sample.
MOST_LEFT = 0.05
MOST_FRAMES = 2048  # more take too many comparisons
MOST_BREAKS = 2  # of the distance between frames and their samples, where a frame got lost


def nearest_samples(pairs: Pairs) -> tuple[Indices, Indices] | None:
    """Frames that hold anything, and the sample that each is nearest to.

    None where a frame fits no sample, or where there are too few or too many frames or values.
    """
    expected, given = frames(pairs)
    count = len(given)
    if not FEWEST_FRAMES <= count <= MOST_FRAMES or given.shape[1] < FEWEST_VALUES:
        return None
    held = np.flatnonzero(~empty_frames(pairs))
    if len(held) < max(FEWEST_FRAMES, LEAST_SHARE * count):
        return None
    distances = squared_distances(given[held], expected)
    nearest = distances.argmin(axis=1)
    spread = float(np.square(expected - expected.mean(axis=0)).sum(axis=1).mean())
    is_near = distances[np.arange(len(held)), nearest] <= MOST_LEFT * spread
    return (held, nearest) if is_near.all() else None


def moves_midway(held: Indices, nearest: Indices) -> bool:
    """Whether frames keep their order, but their distance to their samples changes once or twice.

    A frame that is lost, or comes twice, moves all that follow.
    """
    breaks = int(np.count_nonzero(np.diff(nearest - held)))
    return 0 < breaks <= MOST_BREAKS and bool((np.diff(nearest) >= 0).all())
