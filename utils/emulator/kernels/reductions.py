"""Reductions in one pass over a tensor; they agree with TensorFlow's to the rounding of float32.

Sums run in float32 along one row of one sample and in float64 from there on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import compiled

# Sums may be reordered and products fused, but what is not a number stays so.
FAST = ("contract", "arcp", "nsz", "reassoc")
LANES = 8  # histograms that are counted side by side: one would wait for its own last count
CHUNK = 4096  # values between two steps: what they hand on stays in the processor's cache

Floats = NDArray[np.float32]


@compiled(FAST)
def add_statistics(
    rows: Floats,
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    lowest: Floats,
    highest: Floats,
) -> None:
    """Add rows (rows, width, channels) to sums, sums of squares and extremes of the channels."""
    height, width, channels = rows.shape
    row_sums = np.empty(channels, np.float32)
    row_squares = np.empty(channels, np.float32)
    for row in range(height):
        row_sums[:] = 0
        row_squares[:] = 0
        for pixel in range(width):
            for channel in range(channels):
                value = rows[row, pixel, channel]
                row_sums[channel] += value
                row_squares[channel] += value * value
                lowest[channel] = min(lowest[channel], value)
                highest[channel] = max(highest[channel], value)
        for channel in range(channels):
            sums[channel] += row_sums[channel]
            squares[channel] += row_squares[channel]


@compiled()
def add_counts(
    values: Floats, scale: np.float32, offset: np.float32, counts: NDArray[np.uint32]
) -> None:
    """Add flat values to a histogram (lanes, bins); ``x * scale + offset`` is the bin of x.

    What is not a number becomes some number.
    """
    last = np.float32(counts.shape[1] - 1)
    bins = np.empty(CHUNK, np.uint8)
    for first in range(0, len(values), CHUNK):
        count = min(CHUNK, len(values) - first)
        for index in range(count):
            position = values[first + index] * scale + offset
            bins[index] = np.int32(min(max(position, np.float32(0)), last))
        whole = count // LANES * LANES
        for index in range(0, whole, LANES):
            for lane in range(LANES):
                counts[lane, bins[index + lane]] += np.uint32(1)
        for index in range(whole, count):
            counts[0, bins[index]] += np.uint32(1)


@compiled()
def count_outside(
    samples: Floats, first: np.float32, last: np.float32, outside: NDArray[np.int64]
) -> None:
    """Add to (4,) how many values lie below and above, and how many samples have such values.

    Parameters
    ----------
    samples : (samples, values); what is not a number lies nowhere.
    """
    for sample in range(samples.shape[0]):
        below, above = np.uint32(0), np.uint32(0)
        for value in samples[sample]:
            below += np.uint32(value < first)
            above += np.uint32(value > last)
        outside[0] += below
        outside[1] += above
        outside[2] += below > 0
        outside[3] += above > 0


@compiled(FAST)
def add_noise(
    codes: NDArray[Any],
    reference: Floats,
    scales: Floats,
    zero_points: Floats,
    error_sums: NDArray[np.float64],
    energies: NDArray[np.float64],
) -> None:
    """Add the errors of rows of codes, and their squares, to the sums of the channels."""
    height, width, channels = codes.shape
    row_sums = np.empty(channels, np.float32)
    row_energies = np.empty(channels, np.float32)
    for row in range(height):
        row_sums[:] = 0
        row_energies[:] = 0
        for pixel in range(width):
            for channel in range(channels):
                code = np.float32(codes[row, pixel, channel])
                value = (code - zero_points[channel]) * scales[channel]
                error = value - reference[row, pixel, channel]
                row_sums[channel] += error
                row_energies[channel] += error * error
        for channel in range(channels):
            error_sums[channel] += row_sums[channel]
            energies[channel] += row_energies[channel]


@compiled()
def mark_codes(codes: NDArray[np.uint8], seen: NDArray[np.bool_]) -> None:
    """Mark in (channels, 256) which codes occur in (any number, channels)."""
    count, channels = codes.shape
    for row in range(count):
        for channel in range(channels):
            seen[channel, codes[row, channel]] = True


@compiled(FAST)
def flat_extremes(values: NDArray[Any]) -> tuple[float, float]:
    """Smallest and largest of flat values."""
    lowest, highest = values[0], values[0]
    for value in values:
        lowest = min(lowest, value)
        highest = max(highest, value)
    return lowest, highest
