"""Digests of samples, taken from the raw batches as they are read; plain numpy.

Memory holds one block of samples as float32, some hundred bytes for every sample seen, and a few
megabytes of values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, CalibrationSet, sample_count
from utils.dataset.close_look import CloseLook, places_looked_at
from utils.dataset.sample_blocks import Block, looked_at
from utils.dataset.sample_digests import InputDigests, OutsideCounts, SampleDigests
from utils.dataset.stored_inputs import Bounds
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

# The compiler trains and calibrates on no more samples than this, unless it is told to.
LOOKED_AT = 1024
BLOCK_VALUES = 1 << 18  # values at once, 1 MiB as float32; one large image is a block
HASH_BYTES = 16
VALUES_KEPT = 4096  # of every channel, as far as samples and memory allow
MOST_KEPT = 1 << 20  # values of all channels, 4 MiB


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
        positions = max(1, VALUES_KEPT // max(self.wanted, 1))
        self._inputs = {
            name: _InputDigester(info.shape, info.dtype, bounds.get(name), positions)
            for name, info in calibration.inputs.items()
        }
        shapes = [info.shape for info in calibration.inputs.values()]
        self._closely = places_looked_at(self.wanted, shapes)
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
            # The fastest of hashlib, twice over where the processor helps; nobody gains by forging.
            digest = hashlib.sha1(usedforsecurity=False)
            for array in batch.values():
                digest.update(np.ascontiguousarray(array[index]).data)
            self._hashes.append(digest.digest()[:HASH_BYTES])
        closely = np.isin(places[is_wanted], self._closely)
        for name, array in batch.items():
            self._inputs[name].add(array, closely)

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


class _InputDigester:
    """The samples of one input.

    Per-channel facts of single samples are joined with every batch, as an input may have
    thousands of channels.
    """

    def __init__(self, shape: Shape, dtype: str, bounds: Bounds | None, positions: int) -> None:
        channels = shape[2]
        self._shape, self._dtype, self._positions = shape, dtype, positions
        self._look = CloseLook(shape)
        self._values: list[NDArray[np.float32]] = []
        # Behind a conversion of the input there may be other channels than those stored.
        self._bounds = bounds if bounds and len(bounds[0]) == channels else None
        self._parts: list[list[NDArray[Any]]] = []
        self._samples = 0
        self._minimum = np.full(channels, np.inf)
        self._maximum = np.full(channels, -np.inf)
        self._mean_sum, self._mean_squares, self._energy = np.zeros((3, channels))
        self._reference = np.zeros(channels)  # of the means, against cancellation
        self._outside = np.zeros((4, channels), dtype=np.int64)

    def add(self, array: NDArray[Any], closely: NDArray[np.bool_]) -> None:
        values = max(int(np.prod(self._shape)), 1)
        step = max(1, BLOCK_VALUES // values)
        for start in range(0, len(array), step):
            # What float32 cannot hold is counted as not finite, and squares may overflow.
            with np.errstate(over="ignore", invalid="ignore"):
                block = array[start : start + step]
                self._join(looked_at(block, self._bounds, self._positions, self._samples))
                chosen = closely[start : start + step]
                if chosen.any():
                    self._look.add(block[chosen])

    def _join(self, block: Block) -> None:
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
        if not self._values or sum(kept.size for kept in self._values) < MOST_KEPT:
            self._values.append(block.values)
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
                block.map_kinds,
            ]
        )

    def digests(self, order: NDArray[np.int64]) -> InputDigests:
        joined = [_in_order(parts, order) for parts in zip(*self._parts, strict=True)]
        minimum, maximum, spread, zero_share, not_finite, correlation, hashes, map_kinds = joined
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
            map_kinds=map_kinds if is_image else None,
            values=np.concatenate(self._values),
            readings=self._look.readings(),
            wrapped=self._look.wrapped(),
            byte_orders=self._look.byte_orders(),
        )


def _in_order(parts: Sequence[NDArray[Any]], order: NDArray[np.int64]) -> NDArray[Any]:
    """Facts of single samples in another order; what holds none stays empty."""
    joined = np.concatenate(parts)
    return joined[order] if len(joined) else joined
