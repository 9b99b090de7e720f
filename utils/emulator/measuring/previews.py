"""Samples to be shown to people, kept while the data go by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch

PREVIEW_SAMPLES = 16
PREVIEW_SIDE = 256  # pixels


class Previews:
    """Some samples of some inputs, thinned out to thumbnails."""

    def __init__(self, names: Iterable[str], samples: int | None) -> None:
        """Choose evenly among so many samples; the first ones where nobody knows how many come."""
        self._kept: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
        count = min(PREVIEW_SAMPLES, PREVIEW_SAMPLES if samples is None else samples)
        last = count - 1 if samples is None else samples - 1
        self._chosen = np.linspace(0, last, count).round().astype(np.int64)

    def add(self, batch: Batch, first: int) -> None:
        """Keep the chosen ones of a batch, whose first sample has the position `first`."""
        for name, kept in self._kept.items():
            step = -(-max(batch[name].shape[1:3]) // PREVIEW_SIDE)
            places = self._chosen - first
            places = places[(places >= 0) & (places < len(batch[name]))]
            if places.size:
                kept.append(np.array(batch[name][places, ::step, ::step], dtype=np.float32))

    def joined(self) -> dict[str, NDArray[np.float32]]:
        """What was kept, by input."""
        return {name: np.concatenate(kept) for name, kept in self._kept.items() if kept}
