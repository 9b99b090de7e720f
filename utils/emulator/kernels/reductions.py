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
CHUNK = 2**16  # values between two sums: a number of 32 bits counts them
TOGETHER = 4  # pixels that are read side by side: what they are added to is then written once

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
    whole = width // TOGETHER * TOGETHER
    for row in range(height):
        row_sums[:] = 0
        row_squares[:] = 0
        for pixel in range(0, whole, TOGETHER):
            for channel in range(channels):
                a = rows[row, pixel, channel]
                b = rows[row, pixel + 1, channel]
                c = rows[row, pixel + 2, channel]
                d = rows[row, pixel + 3, channel]
                row_sums[channel] += (a + b) + (c + d)
                row_squares[channel] += (a * a + b * b) + (c * c + d * d)
                lowest[channel] = min(lowest[channel], min(min(a, b), min(c, d)))
                highest[channel] = max(highest[channel], max(max(a, b), max(c, d)))
        for pixel in range(whole, width):
            for channel in range(channels):
                value = rows[row, pixel, channel]
                row_sums[channel] += value
                row_squares[channel] += value * value
                lowest[channel] = min(lowest[channel], value)
                highest[channel] = max(highest[channel], value)
        for channel in range(channels):
            sums[channel] += row_sums[channel]
            squares[channel] += row_squares[channel]


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
    whole = width // 2 * 2  # two side by side: what they are added to is then written once
    for row in range(height):
        row_sums[:] = 0
        row_energies[:] = 0
        for pixel in range(0, whole, 2):
            for channel in range(channels):
                scale, zero_point = scales[channel], zero_points[channel]
                first = (np.float32(codes[row, pixel, channel]) - zero_point) * scale
                second = (np.float32(codes[row, pixel + 1, channel]) - zero_point) * scale
                first -= reference[row, pixel, channel]
                second -= reference[row, pixel + 1, channel]
                row_sums[channel] += first + second
                row_energies[channel] += first * first + second * second
        for pixel in range(whole, width):
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


@compiled()
def count_non_zero(values: Floats) -> int:
    """How many of flat values are not 0; what is not a number is not."""
    count = 0
    for first in range(0, len(values), CHUNK):
        found = np.uint32(0)
        for value in values[first : first + CHUNK]:
            found += np.uint32(value != 0)
        count += found
    return count


@compiled(FAST)
def flat_extremes(values: NDArray[Any]) -> tuple[float, float]:
    """Smallest and largest of flat values."""
    lowest, highest = values[0], values[0]
    for value in values:
        lowest = min(lowest, value)
        highest = max(highest, value)
    return lowest, highest
