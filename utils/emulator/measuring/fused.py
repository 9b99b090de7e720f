"""Reductions in one pass over a tensor, compiled by numba where that is installed.

TensorFlow goes over a tensor once for every operation. These loops read it once and keep one
processor busy, without Python's lock. Where numba is absent, or cannot compile, TensorFlow does
the same; the results agree to the rounding of float32.

Sums run in float32 along one row of one sample and in float64 from there on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

numba: Any
try:
    numba = importlib.import_module("numba")
except Exception:  # absent, or made for another numpy: either way there is none
    numba = None

# Sums may be reordered and products fused, but what is not a number stays so.
_FAST = {"contract", "arcp", "nsz", "reassoc"}
LANES = 4  # histograms that are counted side by side: one would wait for its own last count

Floats = NDArray[np.float32]


def serves(tensor: tf.Tensor) -> bool:
    """Whether the loops can be used for a tensor: it has to lie where the processor reads it."""
    return numba is not None and str(tensor.device).endswith("CPU:0")


def viewed(tensor: tf.Tensor) -> NDArray[Any]:
    """The values of a tensor (batch, height, width, channels) where they lie, as rows."""
    array = np.asarray(memoryview(tensor))
    return array.reshape(-1, *array.shape[2:])


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    if numba is None:
        return function
    compile_it = partial(numba.njit, nogil=True, error_model="numpy", fastmath=_FAST)
    try:
        compiled: Callable[..., Any] = compile_it(cache=True)(function)
    except RuntimeError:  # no folder can be written to
        compiled = compile_it(cache=False)(function)
    return compiled


@_compiled
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


@_compiled
def add_counts(
    values: Floats, scale: np.float32, offset: np.float32, counts: NDArray[np.int64]
) -> None:
    """Add flat values to a histogram (lanes, bins); ``x * scale + offset`` is the bin of x."""
    last = np.float32(counts.shape[1] - 1)
    for first in range(0, len(values), LANES):
        for lane in range(min(LANES, len(values) - first)):
            position = values[first + lane] * scale + offset
            # Also true of what is not a number, which thus becomes some number.
            if not position >= 0:
                position = np.float32(0)
            elif position > last:
                position = last
            counts[lane, int(position)] += 1


@_compiled
def add_noise(
    codes: Floats,
    reference: Floats,
    scales: Floats,
    zero_points: Floats,
    error_sums: NDArray[np.float64],
) -> float:
    """Add the errors of rows of codes to the sums of the channels; returns their energy."""
    height, width, channels = codes.shape
    row_sums = np.empty(channels, np.float32)
    total = 0.0
    for row in range(height):
        row_sums[:] = 0
        energy = np.float32(0)
        for pixel in range(width):
            for channel in range(channels):
                value = (codes[row, pixel, channel] - zero_points[channel]) * scales[channel]
                error = value - reference[row, pixel, channel]
                row_sums[channel] += error
                energy += error * error
        for channel in range(channels):
            error_sums[channel] += row_sums[channel]
        total += energy
    return total


@_compiled
def flat_extremes(values: NDArray[Any]) -> tuple[float, float]:
    """Smallest and largest of flat values."""
    lowest, highest = values[0], values[0]
    for value in values:
        lowest = min(lowest, value)
        highest = max(highest, value)
    return lowest, highest


@_compiled
def count_marked(
    sums: NDArray[Any], marked: NDArray[np.bool_], bound: int, by_sample: NDArray[np.int64]
) -> None:
    """Count the sums (samples, values) that are marked in a table, which starts at ``-bound``."""
    for sample in range(sums.shape[0]):
        count = 0
        for index in range(sums.shape[1]):
            position = min(max(int(sums[sample, index]), -bound), bound) + bound
            count += marked[position]
        by_sample[sample] += count
