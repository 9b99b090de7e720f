"""Maps that are read by where each channel has its peak, as those of keypoints are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.decisions import Decisions, counts_per_sample

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Codes by which a peak has to rise above the mean of its map; a lower one shows no keypoint.
CLEAR_CODES = 16
NEIGHBOUR = 1  # cells to either side; whoever reads a map refines a peak by its neighbours
# Of the rise of the peak in float: a second peak that is as high is as good.
AS_GOOD = 0.9


def kept_peaks(floats: Floats32, chip: Floats32, steps: Floats32, width: int) -> Decisions:
    """Of the clear peaks in float, those that stay.

    A peak stays where it is at most one cell off, or at a place that is as good in float.

    Parameters
    ----------
    floats, chip : (samples, pixels, channels).
    steps : what one code is worth, (channels,).
    width : pixels of a row of the map.
    """
    places, moved = floats.argmax(axis=1), chip.argmax(axis=1)
    mean = floats.mean(axis=1)
    rise = _at(floats, places) - mean
    there = _at(floats, moved) - mean
    is_clear = (rise > 0) & (rise >= CLEAR_CODES * steps)
    is_kept = _are_near(places, moved, width) | (there >= AS_GOOD * rise)
    of = counts_per_sample(is_clear)
    # What float left open by less than a code is as good, since a clear peak has many codes.
    return Decisions(counts_per_sample(is_clear & is_kept), of, np.zeros_like(of))


def _at(values: Floats32, places: Integers) -> Floats32:
    """The values at one place of every channel of every sample, (samples, channels)."""
    taken: Floats32 = np.take_along_axis(values, places[:, np.newaxis, :], axis=1)[:, 0]
    return taken


def _are_near(one: Integers, other: Integers, width: int) -> Mask:
    rows, columns = np.divmod(one, width)
    other_rows, other_columns = np.divmod(other, width)
    distance = np.maximum(np.abs(rows - other_rows), np.abs(columns - other_columns))
    return np.asarray(distance <= NEIGHBOUR)
