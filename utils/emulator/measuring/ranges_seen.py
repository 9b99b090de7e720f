"""What a calibration would see of samples: the range of every channel of every layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.har.statistics import ChannelStatistics
from utils.quantizer.calibration import LayerStatistics


def ranges_seen(floats: FloatEmulator, batches: Sequence[Batch]) -> dict[str, LayerStatistics]:
    """Statistics of every layer of the float network that can be run.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    outputs: dict[str, _Seen] = {}
    preacts: dict[str, _Seen] = {}
    for batch in batches:
        with failures_in_words(sample_count(batch)):
            for name, tensors in floats.forward(floats.tensors(batch)).items():
                outputs.setdefault(name, _Seen()).add(tensors.output)
                if tensors.preactivation is not None:
                    preacts.setdefault(name, _Seen()).add(tensors.preactivation)
    before = {name: seen.statistics() for name, seen in preacts.items()}
    return {n: LayerStatistics(seen.statistics(), before.get(n)) for n, seen in outputs.items()}


class _Seen:
    """Sums of one tensor over the batches so far."""

    def __init__(self) -> None:
        self._count = 0
        self._ends: list[NDArray[np.float64]] = []
        self._sums: list[NDArray[np.float64]] = []

    def add(self, tensor: tf.Tensor) -> None:
        values = tensor.numpy()
        rows = values.reshape(-1, values.shape[-1])
        ends = [rows.min(axis=0), rows.max(axis=0)]
        sums = [rows.sum(axis=0, dtype=np.float64), np.square(rows).sum(axis=0, dtype=np.float64)]
        if self._count:
            ends = [np.minimum(self._ends[0], ends[0]), np.maximum(self._ends[1], ends[1])]
            sums = [self._sums[0] + sums[0], self._sums[1] + sums[1]]
        self._count += len(rows)
        self._ends = [end.astype(np.float64) for end in ends]
        self._sums = sums

    def statistics(self) -> ChannelStatistics:
        low, high = self._ends
        mean, energy = (total / self._count for total in self._sums)
        return ChannelStatistics(low, high, mean, energy, self._count)
