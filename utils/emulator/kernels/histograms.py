"""Histograms in which the ends are exact, and the bodies of large maps are counted in part.

What is judged are the ends of a range: how many values lie beyond it, and how far in it is empty.
Between these a histogram is looked at only, and some of the pixels show the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import compiled

LANES = 8  # histograms that are counted side by side: one would wait for its own last count
CHUNK = 4096  # values between two steps: what they hand on stays in the processor's cache
LOOKED_AT = 64  # values that are gone through one by one where any of them lies at an end
# Values of a sample that are counted at least; they tell a bin's share to half a percent.
SAMPLED = 2**14
WIDEST_STEP = 8
# Values in a bin of the sampled ones behind which the body begins; more than any check forgives.
ENOUGH = 8

Floats = NDArray[np.float32]


def step_for(height: int, width: int, channels: int) -> int:
    """Every how many pixels of a sample are counted: 1 where all are."""
    return max(1, min(height * width * channels // SAMPLED, WIDEST_STEP))


@compiled()
def _count(
    rows: Floats, step: int, scale: np.float32, offset: np.float32, size: int
) -> NDArray[np.int64]:
    """Histogram of the values of every `step`-th pixel; every row begins at another one."""
    height, width, channels = rows.shape
    lanes = np.zeros((LANES, size), np.uint32)
    bins = np.empty(CHUNK + channels, np.uint8)
    last, filled = np.float32(size - 1), 0
    for row in range(height):
        for pixel in range(row % step, width, step):
            # Places counted from its own beginning are known to be none from the end.
            own = bins[filled : filled + channels]
            for channel in range(channels):
                position = rows[row, pixel, channel] * scale + offset
                own[channel] = np.int32(min(max(position, np.float32(0)), last))
            filled += channels
            if filled >= CHUNK:
                for index in range(filled):
                    lanes[index % LANES, bins[index]] += np.uint32(1)
                filled = 0
    for index in range(filled):
        lanes[index % LANES, bins[index]] += np.uint32(1)
    counts = np.zeros(size, np.int64)
    for lane in range(LANES):
        counts += lanes[lane]
    return counts


@compiled()
def _add_beyond(
    values: Floats,
    scale: np.float32,
    offset: np.float32,
    low: np.float32,
    high: np.float32,
    counts: NDArray[np.int64],
) -> int:
    """Add values whose place is below `low`, or `high` and more; returns their number."""
    found: int = 0
    last = np.float32(len(counts) - 1)
    for value in values:
        position = value * scale + offset
        if (position < low) | (position >= high):
            found += 1
            counts[np.int32(min(max(position, np.float32(0)), last))] += 1
    return found


@compiled()
def _add_ends(
    flat: Floats,
    scale: np.float32,
    offset: np.float32,
    lower: int,
    upper: int,
    counts: NDArray[np.int64],
) -> int:
    """Add all values in the bins in front of `lower` and behind `upper`; returns their number."""
    low, high = np.float32(lower), np.float32(upper + 1)
    whole = len(flat) // LOOKED_AT * LOOKED_AT
    found = _add_beyond(flat[whole:], scale, offset, low, high, counts)
    for first in range(0, whole, LOOKED_AT):
        is_any = np.uint32(0)
        # So many values, neither more nor fewer, are compared at once.
        for index in range(first, first + LOOKED_AT):
            position = flat[index] * scale + offset
            is_any |= np.uint32((position < low) | (position >= high))
        if is_any:
            own = flat[first : first + LOOKED_AT]
            found += _add_beyond(own, scale, offset, low, high, counts)
    return int(found)


@compiled()
def add_counts(
    rows: Floats,
    step: int,
    scale: np.float32,
    offset: np.float32,
    is_outside: bool,
    counts: NDArray[np.int64],
) -> None:
    """Add a sample (height, width, channels) to (bins,); ``x * scale + offset`` is the bin of x.

    The outermost bins are exact, as far as few values lie there. Between them, every `step`-th
    pixel is counted, and stands for as many. What is not a number becomes some number.

    Parameters
    ----------
    is_outside : whether values may lie outside of the range, where the last bins hold them.
    """
    sampled = _count(rows, step, scale, offset, len(counts))
    if step == 1:
        counts += sampled
        return
    # What lies outside is taken off the last bins later, so these have to be exact as well.
    lower, upper = np.int64(is_outside), len(counts) - 1 - np.int64(is_outside)
    while lower < len(counts) and sampled[lower] < ENOUGH:
        lower += 1
    while upper >= 0 and sampled[upper] < ENOUGH:
        upper -= 1
    if lower > upper:  # nothing is left between: everything lies at the ends
        counts += _count(rows, 1, scale, offset, len(counts))
        return
    body = rows.size - _add_ends(rows.reshape(-1), scale, offset, lower, upper, counts)
    counted, fullest, given = np.int64(0), lower, np.int64(0)
    for index in range(lower, upper + 1):
        counted += sampled[index]
        if sampled[index] > sampled[fullest]:
            fullest = index
    for index in range(lower, upper + 1):
        share = sampled[index] * body // counted
        counts[index] += share
        given += share
    counts[fullest] += body - given


@compiled()
def count_outside(
    values: Floats, first: np.float32, last: np.float32, outside: NDArray[np.int64]
) -> None:
    """Add a sample to (4,): values below and above, then samples with any below and above.

    Parameters
    ----------
    values : of the sample, flat; what is not a number lies nowhere.
    """
    below, above = np.uint32(0), np.uint32(0)
    for index in range(len(values)):
        below += np.uint32(values[index] < first)
        above += np.uint32(values[index] > last)
    outside[0] += below
    outside[1] += above
    outside[2] += below > 0
    outside[3] += above > 0
