"""What tells pictures that were reshaped from channels first, read as their planes.

Their pixels were runs of neighbours in one plane. So the steps between the values of a pixel are as
large as those to the next pixel, and the planes show one scene. Of pictures in order neither holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]  # (samples, channels, height, width)
Floats = NDArray[np.float64]


def evenness_of_steps(planes: Planes) -> Floats:
    """Smallest step between neighbours by their place in the stored pixel, in the largest one.

    Returns
    -------
    0 to 1 for each sample, (samples,): 0 for grey pictures in order, whose channels are equal, up
    to 0.6 for others in order, 0.9 and more for reshaped ones; NaN for flat ones.
    """
    count, channels, height, width = planes.shape
    steps = np.abs(np.diff(planes, axis=3)).reshape(count, -1)
    # The last value of a row and the first one of the next are no neighbours.
    numbers = np.arange(channels * height * width).reshape(-1, width)[:, :-1].ravel()
    # Bars and frames have few steps, but larger ones than all else together.
    steps = np.minimum(steps, _typical(steps)[:, None])
    sizes = [_mean_of_any(steps[:, numbers % channels == place]) for place in range(channels)]
    found = np.full(count, np.nan)
    largest = np.max(sizes, axis=0)
    np.divide(np.min(sizes, axis=0), largest, out=found, where=largest > 0)
    return found


def _mean_of_any(steps: Planes) -> Planes:
    """Mean of the steps that are not 0, (samples,): blank bars say nothing; 0 where all are."""
    number = np.count_nonzero(steps, axis=1)
    return np.asarray(steps.sum(axis=1) / np.maximum(number, 1), np.float32)


def _typical(steps: Planes) -> Planes:
    """Median of the steps that are any, (samples,)."""
    return np.array(
        [np.median(each[each > 0]) if each.any() else 0.0 for each in steps], np.float32
    )


def likeness_of_planes(planes: Planes) -> Floats:
    """Correlation of the two planes that are most alike, (samples,); NaN where all are flat."""
    count, channels, height, width = planes.shape
    flat = planes.reshape(count, channels, height * width)
    flat = flat - flat.mean(axis=2, keepdims=True)
    products = np.einsum("ncp,ndp->ncd", flat, flat).astype(np.float64)
    spread = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    scale = spread[:, :, None] * spread[:, None, :]
    found = np.full_like(products, -np.inf)
    np.divide(products, scale, out=found, where=scale > 0)
    first, second = np.triu_indices(channels, 1)
    largest = found[:, first, second].max(axis=1)
    return np.where(np.isfinite(largest), largest, np.nan)
