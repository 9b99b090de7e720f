"""What a calibration would see of samples: the range of every channel of every layer."""

from __future__ import annotations

from collections.abc import Sequence

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.measurements.merging import merged_or_none
from utils.quantizer.calibration import LayerStatistics, channel_statistics


def ranges_seen(floats: FloatEmulator, batches: Sequence[Batch]) -> dict[str, LayerStatistics]:
    """Statistics of every layer of the float network that can be run.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    found: dict[str, LayerStatistics] = {}
    for batch in batches:
        with failures_in_words(sample_count(batch)):
            for name, tensors in floats.forward(floats.tensors(batch)).items():
                seen = _seen(tensors)
                found[name] = _merged(found[name], seen) if name in found else seen
    return found


def _seen(tensors: LayerTensors) -> LayerStatistics:
    before = tensors.preactivation
    return LayerStatistics(
        channel_statistics(tensors.output.numpy()),
        None if before is None else channel_statistics(before.numpy()),
    )


def _merged(one: LayerStatistics, other: LayerStatistics) -> LayerStatistics:
    return LayerStatistics(
        one.output.merged(other.output), merged_or_none(one.preact, other.preact)
    )
