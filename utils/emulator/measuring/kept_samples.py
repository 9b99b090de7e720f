"""Samples that are run more than once: evenly spread over the set, kept while it is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, CalibrationSet, sample_count
from utils.har.network import Network

# First-order noise of 16 samples is good to half a dB; small networks can afford many more.
AT_LEAST = 16
AT_MOST = 256
# Values that all layers together may compute for the kept samples; 128 MiB in float32.
VALUES = 2**25


def samples_to_keep(network: Network) -> int:
    """How many samples a network of this size can afford to run again and again."""
    values = sum(math.prod(layer.output_shapes[0]) for layer in network if layer.output_shapes)
    return min(max(VALUES // max(values, 1), AT_LEAST), AT_MOST)


class KeptSamples:
    """Copies of some samples, picked by their index alone, so that batches do not matter."""

    def __init__(self, samples: int, wanted: int) -> None:
        """Choose `wanted` of `samples`, or all if there are fewer."""
        chosen = np.linspace(0, samples - 1, min(samples, wanted)).round().astype(np.int64)
        self._chosen: NDArray[np.int64] = np.unique(chosen)
        self._kept: dict[str, list[NDArray[np.generic]]] = {}

    def watched(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches as they are, keeping the chosen samples in passing."""
        first = 0
        for batch in batches:
            size = sample_count(batch)
            inside = (self._chosen >= first) & (self._chosen < first + size)
            for name, array in batch.items():
                self._kept.setdefault(name, []).extend(array[self._chosen[inside] - first])
            first += size
            yield batch

    def read(self, calibration: CalibrationSet, size: int) -> None:
        """Read the chosen samples, and no others; nothing where they are kept already.

        Parameters
        ----------
        calibration : the set, of which so many samples are used as there are.
        size : samples at once.

        Raises
        ------
        DatasetError : the file is damaged.
        """
        if self._kept:
            return
        for batch in calibration.batches(size, calibration.indices[self._chosen]):
            for name, array in batch.items():
                self._kept.setdefault(name, []).extend(array)

    @property
    def count(self) -> int:
        """How many samples are kept when all have gone by."""
        return len(self._chosen)

    def batches(self, size: int, samples: int | None = None) -> list[Batch]:
        """The kept samples, in batches of `size`, the last perhaps smaller.

        Parameters
        ----------
        samples : how many of them at most, evenly spread; by default all.
        """
        return self._batches(self._spread(samples), size)

    def halves(self, size: int, samples: int | None = None) -> Iterator[list[Batch]]:
        """The same batches of every other sample, and then of those between, if there are any."""
        places = self._spread(samples)
        yield from (
            self._batches(places[first::2], size) for first in (0, 1) if first < len(places)
        )

    def _spread(self, samples: int | None) -> NDArray[np.int64]:
        count = self._kept_so_far
        wanted = count if samples is None else min(samples, count)
        spread: NDArray[np.int64] = np.linspace(0, count - 1, wanted).round().astype(np.int64)
        return spread

    @property
    def _kept_so_far(self) -> int:
        return max((len(kept) for kept in self._kept.values()), default=0)

    def _batches(self, places: NDArray[np.int64], size: int) -> list[Batch]:
        return [
            {
                name: np.stack([kept[index] for index in places[start : start + size]])
                for name, kept in self._kept.items()
            }
            for start in range(0, len(places), size)
        ]
