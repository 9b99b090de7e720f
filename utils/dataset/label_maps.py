"""What tells masks, maps of classes and drawings from pictures: few values, in wide even areas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS = 32  # looked at in each sample
# Of the neighbours in a row, that are equal: 0.95 in maps that were not compressed, at most 0.8 in
# pictures. Lossy blocks are even as well, but of more values.
LEAST_EQUAL = 0.9
MOST_EQUAL = 0.5  # in pictures without doubt; scans in black and white lie between
MAP, PICTURE = 1, -1
MOST_LEVELS = 24  # that as good as all values have
SHARE_OF_LEVELS = 0.97  # the others lie on borders, if these were smoothed by resizing
LARGEST_CLASS = 32  # values up to it may be numbers of classes
LEAST_GAP = 8.0  # between the values of other maps, such as 0 and 255; the sky has all between

Planes = NDArray[np.float32]  # (samples, channels, height, width)


def map_kinds(planes: Planes) -> NDArray[np.int8]:
    """What samples look like, (samples,): `MAP`, `PICTURE`, or 0 for what may be either."""
    rows = planes[:, :, :: max(1, planes.shape[2] // ROWS)]
    equal = (rows[..., 1:] == rows[..., :-1]).mean(axis=(1, 2, 3))
    found = np.where(equal <= MOST_EQUAL, PICTURE, 0).astype(np.int8)
    for place in np.flatnonzero(equal >= LEAST_EQUAL):
        found[place] = MAP if _has_few_levels(rows[place]) else 0
    return found


def _has_few_levels(rows: Planes) -> bool:
    levels, counts = np.unique(rows, return_counts=True)
    often = np.argsort(counts)[::-1][:MOST_LEVELS]
    kept = levels[often]
    span = float(kept.max() - kept.min())
    if len(levels) < 2 or counts[often].sum() < SHARE_OF_LEVELS * rows.size or span == 0.0:
        return False
    is_whole = not (kept % 1).any()
    are_classes = is_whole and kept.min() >= 0 and kept.max() <= LARGEST_CLASS
    return bool(are_classes or span / (len(kept) - 1) >= LEAST_GAP)
