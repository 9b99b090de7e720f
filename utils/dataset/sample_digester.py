"""Digests of samples, taken from the raw batches as they are read; plain numpy.

Memory holds one block of samples as float32 and some hundred bytes for every sample seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import LARGEST_VALUE, Batch, CalibrationSet, sample_count
from utils.dataset.image_statistics import difference_hashes, neighbour_correlation
from utils.dataset.sample_digests import InputDigests, OutsideCounts, SampleDigests
from utils.dataset.stored_inputs import Bounds
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

# The compiler trains and calibrates on no more samples than this, unless it is told to.
LOOKED_AT = 1024
BLOCK_VALUES = 1 << 21  # values at once, 8 MiB as float32; one large image is a block
HASH_BYTES = 16
Planes = NDArray[np.float32]


class SampleDigester:
    """Takes batches as they are read, and gives the digests of the samples that are wanted.

    First come the samples that are measured, then `missing`. They may come in any order of the
    file; the digests stand in its order.
    """

    def __init__(self, calibration: CalibrationSet, bounds: Mapping[str, Bounds]) -> None:
        """Say what comes; nothing is read yet.

        Parameters
        ----------
        bounds : of the channels of an input, as of `stored_bounds`.
        """
        self._calibration = calibration
        self._inputs = {
            name: _InputDigester(info.shape, info.dtype, bounds.get(name))
            for name, info in calibration.inputs.items()
        }
        rest = np.setdiff1d(np.arange(self.wanted), calibration.indices)
        self._coming: NDArray[np.int64] = np.concatenate([calibration.indices, rest])
        self._handed = 0  # of those that come
        self._places: list[int] = []
        self._hashes: list[bytes] = []

    @property
    def samples(self) -> int:
        """How many have been seen of those that are wanted."""
        return len(self._places)

    @property
    def wanted(self) -> int:
        """How many are to be seen, the first ones of the file: those that the compiler may use.

        All where all are measured.
        """
        calibration = self._calibration
        return calibration.samples if calibration.is_whole else min(LOOKED_AT, calibration.samples)

    @property
    def missing(self) -> NDArray[np.int64]:
        """Indices of the samples that are wanted, and have not come yet, ascending."""
        rest = self._coming[self._handed :]
        return np.sort(rest[rest < self.wanted])

    @property
    def batch_size(self) -> int:
        """Samples of a batch of bounded size, for those that nobody else reads."""
        return self._calibration.bounded_batch_size

    def add(self, batch: Batch) -> None:
        """Look at the samples that follow those seen before: (n, H, W, C) by input."""
        size = sample_count(batch)
        places = self._coming[self._handed : self._handed + size]
        self._handed += size
        # Others are spread over the file, behind the samples that the compiler may use.
        is_wanted = places < self.wanted
        if not is_wanted.any():
            return
        if not is_wanted.all():
            batch = {name: array[is_wanted] for name, array in batch.items()}
        self._places += places[is_wanted].tolist()
        for index in range(sample_count(batch)):
            digest = hashlib.blake2b(digest_size=HASH_BYTES)
            for array in batch.values():
                digest.update(np.ascontiguousarray(array[index]).data)
            self._hashes.append(digest.digest())
        for name, array in batch.items():
            self._inputs[name].add(array)

    def digests(self) -> SampleDigests | None:
        """What was seen so far; None if nothing was."""
        if not self.samples:
            return None
        order = np.argsort(self._places, kind="stable")
        places = np.array(self._places, np.int64)[order]
        names = self._calibration.names
        first: dict[bytes, int] = {}
        equal = [
            first.setdefault(self._hashes[seen], place)
            for seen, place in zip(order.tolist(), places.tolist(), strict=True)
        ]
        return SampleDigests(
            samples=self.samples,
            first_equal=np.array(equal, dtype=np.int64),
            inputs={name: seen.digests(order) for name, seen in self._inputs.items()},
            places=places,
            names=tuple(names[place] for place in places.tolist()) if names else (),
        )


@dataclass(frozen=True, eq=False)
class _Block:
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


class _InputDigester:
    """The samples of one input.

    Per-channel facts of single samples are joined with every batch, as an input may have
    thousands of channels.
    """

    def __init__(self, shape: Shape, dtype: str, bounds: Bounds | None) -> None:
        channels = shape[2]
        self._shape, self._dtype = shape, dtype
        # Behind a conversion of the input there may be other channels than those stored.
        self._bounds = bounds if bounds and len(bounds[0]) == channels else None
        self._parts: list[list[NDArray[Any]]] = []
        self._samples = 0
        self._minimum = np.full(channels, np.inf)
        self._maximum = np.full(channels, -np.inf)
        self._mean_sum, self._mean_squares, self._energy = np.zeros((3, channels))
        self._reference = np.zeros(channels)  # of the means, against cancellation
        self._outside = np.zeros((4, channels), dtype=np.int64)

    def add(self, array: NDArray[Any]) -> None:
        values = max(int(np.prod(self._shape)), 1)
        step = max(1, BLOCK_VALUES // values)
        for start in range(0, len(array), step):
            # What float32 cannot hold is counted as not finite, and squares may overflow.
            with np.errstate(over="ignore", invalid="ignore"):
                self._join(_looked_at(array[start : start + step], self._bounds))

    def _join(self, block: _Block) -> None:
        if not self._samples:
            self._reference = block.mean[0].copy()
        self._samples += len(block.mean)
        self._minimum = np.minimum(self._minimum, block.minimum.min(axis=0))
        self._maximum = np.maximum(self._maximum, block.maximum.max(axis=0))
        shifted = block.mean - self._reference
        self._mean_sum += shifted.sum(axis=0)
        self._mean_squares += (shifted**2).sum(axis=0)
        self._energy += (block.variance + block.mean**2).sum(axis=0)
        counts = (block.below, block.above, block.below > 0, block.above > 0)
        self._outside += np.stack([count.sum(axis=0) for count in counts])
        height, width, _ = self._shape
        variance = block.variance.mean(axis=1)
        if height * width == 1:
            variance = variance + block.mean.var(axis=1)
        self._parts.append(
            [
                block.minimum.min(axis=1),
                block.maximum.max(axis=1),
                np.sqrt(variance),
                block.zero_share,
                block.not_finite,
                block.correlation,
                block.hashes,
            ]
        )

    def digests(self, order: NDArray[np.int64]) -> InputDigests:
        joined = [_in_order(parts, order) for parts in zip(*self._parts, strict=True)]
        minimum, maximum, spread, zero_share, not_finite, correlation, hashes = joined
        shifted = self._mean_sum / self._samples
        height, width, _ = self._shape
        is_image = is_image_shaped(self._shape)
        return InputDigests(
            shape=self._shape,
            dtype=self._dtype,
            minimum=minimum,
            maximum=maximum,
            spread=spread,
            zero_share=zero_share,
            not_finite=not_finite,
            statistics=ChannelStatistics(
                self._minimum,
                self._maximum,
                self._reference + shifted,
                self._energy / self._samples,
                self._samples * height * width,
                1.0 - float(zero_share.mean()),
            ),
            sample_mean_spread=np.sqrt(
                np.maximum(self._mean_squares / self._samples - shifted**2, 0.0)
            ),
            outside=OutsideCounts(*self._outside) if self._bounds else None,
            correlation=correlation if is_image else None,
            hashes=hashes if is_image else None,
        )


def _in_order(parts: Sequence[NDArray[Any]], order: NDArray[np.int64]) -> NDArray[Any]:
    """Facts of single samples in another order; what holds none stays empty."""
    joined = np.concatenate(parts)
    return joined[order] if len(joined) else joined


def _looked_at(samples: NDArray[Any], bounds: Bounds | None) -> _Block:
    """Facts about a block of samples (n, H, W, C)."""
    count, height, width, channels = samples.shape
    shape = (height, width, channels)
    raw = np.ascontiguousarray(samples.reshape(count, height * width, channels).swapaxes(1, 2))
    planes = raw.astype(np.float32)
    not_finite = _emptied_of_what_is_not_finite(planes)
    low, high = planes.min(axis=2), planes.max(axis=2)
    below = _counted(planes, low < bounds[0], bounds[0], np.less) if bounds else _none(low)
    above = _counted(planes, high > bounds[1], bounds[1], np.greater) if bounds else _none(low)
    zeros = np.count_nonzero(planes == 0, axis=(1, 2))
    mean = planes.mean(axis=2)
    planes -= mean[:, :, None]
    planes[low == high] = 0.0  # a rounded mean would leave a spread
    variance = np.einsum("ncp,ncp->nc", planes, planes) / np.float32(max(height * width, 1))
    images = planes.reshape(count, channels, height, width)
    is_image = is_image_shaped(shape)
    return _Block(
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
    )


def _emptied_of_what_is_not_finite(planes: Planes) -> NDArray[np.int64]:
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


def _none(like: NDArray[Any]) -> NDArray[np.int64]:
    return np.zeros(like.shape, dtype=np.int64)
