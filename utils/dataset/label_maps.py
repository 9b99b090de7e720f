"""What tells masks, maps of classes and drawings from pictures: few values, in wide even areas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS = 32  # looked at in each sample
# Of the neighbours in a row, that are equal: 0.95 in maps that were not compressed, at most 0.8 in
# pictures. Lossy blocks are even as well, but of more values.
LEAST_EQUAL = 0.9
MOST_LEVELS = 24  # that as good as all values have
SHARE_OF_LEVELS = 0.97  # the others lie on borders, if these were smoothed by resizing
LARGEST_CLASS = 32  # values up to it may be numbers of classes
LEAST_GAP = 8.0  # between the values of other maps, such as 0 and 255; the sky has all between

Planes = NDArray[np.float32]  # (samples, channels, height, width)


def label_maps(planes: Planes) -> NDArray[np.bool_]:
    """Which samples look like maps, shape (samples,); what holds one value is none."""
    rows = planes[:, :, :: max(1, planes.shape[2] // ROWS)]
    equal = (rows[..., 1:] == rows[..., :-1]).mean(axis=(1, 2, 3))
    found = equal >= LEAST_EQUAL
    for place in np.flatnonzero(found):
        found[place] = _has_few_levels(rows[place])
    return np.asarray(found, dtype=np.bool_)


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
