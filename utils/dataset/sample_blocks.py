"""What one block of samples is like, each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import LARGEST_VALUE
from utils.dataset.image_statistics import difference_hashes, neighbour_correlation
from utils.dataset.label_maps import map_kinds
from utils.dataset.positions import spread_positions
from utils.dataset.stored_inputs import Bounds
from utils.har.image_like import is_image_shaped

Planes = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Block:
    """Facts about some samples, in their order: float64 (samples,) or (samples, channels)."""

    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    zero_share: NDArray[np.float64]
    not_finite: NDArray[np.int64]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    correlation: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    map_kinds: NDArray[np.int8]
    values: NDArray[np.float32]


def looked_at(
    samples: NDArray[Any], bounds: Bounds | None, positions: int, first: int = 0
) -> Block:
    """Facts about a block of samples (n, H, W, C), and the values at some positions of each.

    Parameters
    ----------
    first : how many samples came before.
    """
    count, height, width, channels = samples.shape
    shape = (height, width, channels)
    raw = np.ascontiguousarray(samples.reshape(count, height * width, channels).swapaxes(1, 2))
    planes = raw.astype(np.float32)
    not_finite = empty_what_is_not_finite(planes)
    low, high = planes.min(axis=2), planes.max(axis=2)
    below = _counted(planes, low < bounds[0], bounds[0], np.less) if bounds else _none(low)
    above = _counted(planes, high > bounds[1], bounds[1], np.greater) if bounds else _none(low)
    zeros = np.count_nonzero(planes == 0, axis=(1, 2))
    places = spread_positions(height, width, positions, count, first)
    # A copy, as the planes are changed below; (samples, positions, channels).
    thinned = planes[np.arange(count)[:, None], :, places]
    mean = planes.mean(axis=2)
    is_image = is_image_shaped(shape)
    maps = map_kinds(planes.reshape(count, channels, height, width)) if is_image else _no_kinds()
    planes -= mean[:, :, None]
    planes[low == high] = 0.0  # a rounded mean would leave a spread
    variance = np.einsum("ncp,ncp->nc", planes, planes) / np.float32(max(height * width, 1))
    images = planes.reshape(count, channels, height, width)
    return Block(
        minimum=low.astype(np.float64),
        maximum=high.astype(np.float64),
        mean=mean.astype(np.float64),
        variance=variance.astype(np.float64),
        zero_share=zeros / max(planes[0].size, 1),
        not_finite=not_finite,
        below=below,
        above=above,
        correlation=neighbour_correlation(images) if is_image else np.zeros(0),
        hashes=difference_hashes(images) if is_image else np.zeros(0, np.uint64),
        map_kinds=maps,
        values=thinned.reshape(-1, channels),
    )


def empty_what_is_not_finite(planes: Planes) -> NDArray[np.int64]:
    """Set to 0 what cannot be measured, in place; returns how many values per sample."""
    usable = np.abs([planes.min(initial=0.0), planes.max(initial=0.0)]) <= LARGEST_VALUE
    if usable.all():
        return np.zeros(len(planes), dtype=np.int64)
    broken = ~(np.abs(planes) <= LARGEST_VALUE)
    planes[broken] = 0.0
    return np.asarray(broken.sum(axis=(1, 2)), dtype=np.int64)


def _counted(
    planes: Planes, concerned: NDArray[np.bool_], bound: NDArray[np.float32], compare: np.ufunc
) -> NDArray[np.int64]:
    """Values beyond a bound, (samples, channels); most planes have none and are not searched."""
    counts = np.zeros(concerned.shape, dtype=np.int64)
    if concerned.any():
        limits = np.broadcast_to(bound, concerned.shape)[concerned]
        counts[concerned] = compare(planes[concerned], limits[:, None]).sum(axis=1)
    return counts


def _no_kinds() -> NDArray[np.int8]:
    return np.zeros(0, dtype=np.int8)


def _none(like: NDArray[Any]) -> NDArray[np.int64]:
    return np.zeros(like.shape, dtype=np.int64)
