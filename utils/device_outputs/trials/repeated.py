"""One buffer for many frames: they all hold the result that came last."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.trials.pairs import Pairs, Reordered, frames
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
    _, first = np.unique(given, axis=0, return_index=True)
    first.sort()
    differing = len(np.unique(expected, axis=0))
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


def _distances(expected: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Of every sample from a frame, apart from scale and offset."""
    held = frame - frame.mean()
    wanted = expected - expected.mean(axis=1, keepdims=True)
    norms = np.sqrt((wanted**2).sum(axis=1) * (held**2).sum())
    alike = np.divide(wanted @ held, norms, out=np.zeros(len(wanted)), where=norms > 0)
    near = ((expected - frame) ** 2).mean(axis=1)
    return np.asarray(near / (near.max() or 1.0) - alike)
