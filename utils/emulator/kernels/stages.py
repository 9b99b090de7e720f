"""From sums, or real values, to codes in one pass, counting on the way what passes a limit.

Sums are integers (samples, pixels, channels), int32 or float32; the bias is added here. Neither
a sum nor a limit may pass 2**30. Nothing is reordered: codes are those of TensorFlow, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import compiled

CHUNK = 2048  # values between two steps: what they hand on stays in the processor's cache

Counts = NDArray[np.int64]
Bytes = NDArray[np.uint8]


class Part(NamedTuple):
    """Channels whose codes one loop makes.

    Parameters
    ----------
    sums : without the bias, (samples, pixels, channels).
    bias : (channels,).
    limit : sum at which the accumulator saturates.
    codes : filled in, of the shape of the sums.
    clipped, saturated : (samples,); what is found is added.
    """

    sums: NDArray[Any]
    bias: NDArray[np.int32]
    limit: int
    codes: Bytes
    clipped: Counts
    saturated: Counts


Loop = Callable[[Part], object]


@compiled()
def look_up(
    sums: NDArray[Any],
    bias: NDArray[np.int32],
    limit: int,
    table: Bytes,
    first_sum: int,
    beyond: NDArray[np.int32],
    codes: Bytes,
    clipped: Counts,
    saturated: Counts,
) -> None:
    """Fill in codes from a table over sums; see `Part`.

    Parameters
    ----------
    table : codes. Sums in front of it, and behind, have the codes of its ends.
    first_sum : where it begins.
    beyond : sums whose codes are clipped: up to the first of these, from the second on, and from
        the third to the fourth, where a curve dips out of the codes.
    """
    samples, pixels, channels = sums.shape
    together = max(1, CHUNK // channels)
    # Without a sign: an index that may be negative is looked at before it is used.
    places = np.empty((together, channels), np.uint32)
    lowest_sum, highest_sum = np.int32(first_sum), np.int32(first_sum + len(table) - 1)
    below, above, dip, end_of_dip = beyond
    low, high = np.int32(-limit), np.int32(limit)
    for sample in range(samples):
        for first in range(0, pixels, together):
            count = min(together, pixels - first)
            full, outside = np.int32(0), np.int32(0)
            for pixel in range(count):
                for channel in range(channels):
                    value = np.int32(np.int32(sums[sample, first + pixel, channel]) + bias[channel])
                    full += np.int32((value <= low) | (value >= high))
                    outside += np.int32((value <= below) | (value >= above))
                    outside += np.int32((value >= dip) & (value <= end_of_dip))
                    inside = min(max(value, lowest_sum), highest_sum)
                    places[pixel, channel] = np.uint32(inside - lowest_sum)
            saturated[sample] += full
            clipped[sample] += outside
            for pixel in range(count):
                for channel in range(channels):
                    codes[sample, first + pixel, channel] = table[places[pixel, channel]]


@compiled()
def along_line(
    sums: NDArray[Any],
    bias: NDArray[np.int32],
    limit: int,
    line: NDArray[np.float32],
    ends: NDArray[np.int32],
    codes: Bytes,
    clipped: Counts,
    saturated: Counts,
) -> None:
    """Fill in ``clip(round(sum * slope + offset), low, high)``; see `Part`.

    Parameters
    ----------
    line : slope, offset, low, high.
    ends : sums nearest to 0 whose codes are clipped, below and above.
    """
    samples, pixels, channels = sums.shape
    slope, offset, lowest, highest = line
    below, above = ends
    low, high = np.int32(-limit), np.int32(limit)
    for sample in range(samples):
        for pixel in range(pixels):
            beyond, outside = np.int32(0), np.int32(0)
            for channel in range(channels):
                value = np.int32(np.int32(sums[sample, pixel, channel]) + bias[channel])
                beyond += np.int32((value <= low) | (value >= high))
                outside += np.int32((value <= below) | (value >= above))
                code = np.rint(np.float32(value) * slope + offset)
                codes[sample, pixel, channel] = np.int32(min(max(code, lowest), highest))
            saturated[sample] += beyond
            clipped[sample] += outside


@compiled()
def code_values(
    values: NDArray[np.float32],
    scales: NDArray[np.float32],
    zero_points: NDArray[np.float32],
    highest_code: np.float32,
    codes: Bytes,
    clipped: Counts,
) -> None:
    """Fill in ``clip(round(value / scale + zero_point))``; what is not a number becomes 0.

    Parameters
    ----------
    values : real numbers (samples, pixels, channels).
    scales, zero_points : (channels,).
    clipped : (samples,); what is found is added.
    """
    samples, pixels, channels = values.shape
    too_high = highest_code + np.float32(0.5)
    for sample in range(samples):
        for pixel in range(pixels):
            outside = np.int32(0)
            for channel in range(channels):
                scaled = values[sample, pixel, channel] / scales[channel] + zero_points[channel]
                outside += np.int32((scaled < np.float32(-0.5)) | (scaled > too_high))
                # In this order what is not a number fails, and becomes 0.
                code = np.rint(scaled) if scaled > 0 else np.float32(0)
                codes[sample, pixel, channel] = np.int32(min(code, highest_code))
            clipped[sample] += outside


@compiled()
def real_values(
    codes: Bytes,
    scales: NDArray[np.float32],
    zero_points: NDArray[np.float32],
    values: NDArray[np.float32],
) -> None:
    """Fill in ``(code - zero_point) * scale``.

    Parameters
    ----------
    codes, values : (any number, channels).
    scales, zero_points : (channels,).
    """
    rows, channels = codes.shape
    for row in range(rows):
        for channel in range(channels):
            shifted = np.float32(codes[row, channel]) - zero_points[channel]
            values[row, channel] = shifted * scales[channel]
