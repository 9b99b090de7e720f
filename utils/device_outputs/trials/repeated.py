"""One buffer for many frames: they all hold the result that came last."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.trials.pairs import Indices, Pairs, Reordered, frames
from utils.wording import plural

FEWEST_FRAMES = 3
FEWEST_VALUES = 4  # of a frame: fewer fit some other sample by chance
LARGEST_SHARE = 0.5  # of frames that differ from all others


def undone(pairs: Pairs) -> Reordered | None:
    """Every different frame beside the sample that it is nearest to."""
    expected, given = frames(pairs)
    count = len(given)
    if count < FEWEST_FRAMES or given.shape[1] < FEWEST_VALUES:
        return None
    first = _first_of_each(given)
    differing = len(_first_of_each(expected))
    if len(first) > LARGEST_SHARE * count or len(first) >= LARGEST_SHARE * differing:
        return None
    nearest = np.array([int(_distances(expected, given[place]).argmin()) for place in first])
    kept = tuple(pair.taken(nearest, first) for pair in pairs)
    said = (
        f"all {count} frames hold the result for sample {nearest[0]}"
        if len(first) == 1
        else f"{plural(count, 'frame')} hold {len(first)} different results"
    )
    return Reordered(kept, said)


def _first_of_each(rows: Numbers) -> Indices:
    """Where each different row stands first; of long rows `numpy.unique` makes a field each."""
    places: dict[bytes, int] = {}
    for place, row in enumerate(rows + 0.0):  # which makes 0 of -0
        places.setdefault(row.tobytes(), place)
    return np.fromiter(places.values(), np.int64)


def _distances(expected: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Of every sample from a frame, apart from scale and offset."""
    held = frame - frame.mean()
    wanted = expected - expected.mean(axis=1, keepdims=True)
    norms = np.sqrt((wanted**2).sum(axis=1) * (held**2).sum())
    alike = np.divide(wanted @ held, norms, out=np.zeros(len(wanted)), where=norms > 0)
    near = ((expected - frame) ** 2).mean(axis=1)
    return np.asarray(near / (near.max() or 1.0) - alike)
