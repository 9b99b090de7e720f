"""Kernels of the original as archives have them, and what distinguishes two sets of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import Floats
from utils.har.network import Shape
from utils.references import Reference

Kernel = NDArray[np.float32]
SAME = 1e-3  # of the largest weight; half precision rounds by less
FEWEST_VALUES = 4  # of a channel, to fit two numbers to them
# Sums that an activation hands on as they are, (above, below).
_LINEAR_PARTS = {"linear": (-np.inf, np.inf), "relu": (0.0, np.inf), "relu6": (0.0, 6.0)}
_LONGEST_FIT = 1 << 16  # values of a channel


def arranged(
    theirs: Kernel, own: NDArray[Any], entering: Shape | None, reference: Reference
) -> Kernel | None:
    """A kernel of the original with the shape of the archive's; None where it cannot be.

    Parameters
    ----------
    entering : shape of what a dense layer flattens.
    """
    if theirs.size != own.size:
        return None
    if theirs.ndim != 2 or own.shape[-1] != theirs.shape[-1]:
        return theirs.reshape(own.shape) if _is_same_but_for_ones(theirs, own) else None
    if entering is None or not reference.is_channels_first:
        return theirs.reshape(own.shape)
    height, width, channels = entering
    if height * width * channels != theirs.shape[0]:
        return theirs.reshape(own.shape)
    by_place: Kernel = theirs.reshape(channels, height, width, -1).transpose(1, 2, 0, 3)
    return by_place.reshape(own.shape)


def _is_same_but_for_ones(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return [n for n in one.shape if n > 1] == [n for n in other.shape if n > 1]


def has_same_weights(theirs: Kernel, own: NDArray[Any]) -> bool:
    """Whether two kernels are the same but for one factor for each channel that leaves.

    The order of what enters does not count: images may come with other colours first.
    """
    return bool(np.allclose(_fingerprint(theirs), _fingerprint(own), atol=SAME))


def is_in_order(theirs: Kernel, own: NDArray[Any]) -> bool:
    """Whether every weight stands where it stands in the other, but for one factor a channel."""
    return bool(np.allclose(_in_units(theirs), _in_units(own), atol=SAME))


def _in_units(kernel: NDArray[Any]) -> NDArray[np.float64]:
    """The weights of each channel that leaves, the largest of them 1."""
    columns = _by_channel(kernel)
    largest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    return columns / np.where(largest, largest, 1.0)


def _by_channel(kernel: NDArray[Any]) -> NDArray[np.float64]:
    depthwise = kernel.ndim == 4 and kernel.shape[3] == 1 and kernel.shape[2] > 1
    return kernel.reshape(-1, kernel.shape[2 if depthwise else -1]).astype(np.float64)


def _fingerprint(kernel: NDArray[Any]) -> NDArray[np.float64]:
    """Sizes of the weights of each channel that leaves, sorted, the largest 1."""
    columns = np.abs(_by_channel(kernel))
    largest = columns.max(axis=0, keepdims=True)
    return np.sort(columns / np.where(largest, largest, 1.0), axis=0)


def affine_between(
    sums: Floats, expected: Floats, activation: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Scale and offset of each channel that make sums what the original has behind them.

    Channels that show too few sums stay as they are; None where all do, or where the activation
    hands no sums on.
    """
    if activation not in _LINEAR_PARTS or sums.shape != expected.shape:
        return None
    low, high = _LINEAR_PARTS[activation]
    channels = sums.shape[-1]
    rows, wanted = (
        a.reshape(-1, channels)[:_LONGEST_FIT].astype(np.float64) for a in (sums, expected)
    )
    scale, offset = np.ones(channels), np.zeros(channels)
    fitted = 0
    for channel in range(channels):
        told = (wanted[:, channel] > low) & (wanted[:, channel] < high)
        x, y = rows[told, channel], wanted[told, channel]
        if len(x) < FEWEST_VALUES or np.ptp(x) < SAME * max(np.abs(x).max(), 1e-30):
            continue
        scale[channel], offset[channel] = np.polyfit(x, y, 1)
        fitted += 1
    return (scale, offset) if fitted else None
