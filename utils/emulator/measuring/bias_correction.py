"""Bias correction: what the compiler does from optimization level 1 on, done to an archive.

Rounded weights and inputs shift the mean of what a channel computes. Layer by layer, from the
input on, the bias takes that shift back, measured on samples. M. Nagel et al., "Data-Free
Quantization Through Weight Equalization and Bias Correction" (2019), describe it as empirical bias
correction; how Hailo's compiler does it in detail is not published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.floats.lifetimes import last_readers
from utils.emulator.floats.operands import parts_taken
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer, Network
from utils.quantizer.integers import CHANNEL_TYPES, CodedLayer

Means = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Corrected:
    """The layers of an archive, some of them with another bias.

    Parameters
    ----------
    coded_layers : all layers by name.
    changed : those whose bias is another one.
    """

    coded_layers: Mapping[str, CodedLayer]
    changed: frozenset[str]


def correctable(network: Network, coded_layers: Mapping[str, CodedLayer]) -> list[str]:
    """Layers with weights that run as integers, and whose sums stand for known real values."""
    return [
        layer.name
        for layer in network
        if layer.type not in CHANNEL_TYPES
        if (integers := coded_layers[layer.name].integers) is not None
        if integers.accumulator_scale is not None
    ]


def corrected(
    floats: FloatEmulator, archived: QuantizedEmulator, batches: Sequence[Batch]
) -> Corrected:
    """Give every layer the bias with which its sums are right on average.

    Each layer is measured behind those that were corrected before it.

    Parameters
    ----------
    batches : samples to measure on, all of which are held at once.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    network, coded = archived.network, dict(archived.coded_layers)
    samples = sum(map(sample_count, batches))
    with failures_in_words(samples):
        entering = [floats.tensors(batch) for batch in batches]
    wanted = _float_means(floats, correctable(network, coded), entering)
    quantized = QuantizedEmulator(floats, network, coded)  # sees every bias that is put there
    computed: list[dict[str, QuantizedTensors]] = [{} for _ in batches]
    freed = last_readers(network, network, ())
    changed = set()
    with failures_in_words(samples):
        for layer in network:
            sums = _bare_sums(archived, layer, computed) if layer.name in wanted else None
            if sums is not None:
                coded[layer.name] = _shifted(coded[layer.name], wanted[layer.name], _mean(sums))
                changed.add(layer.name)
            for i, (inputs, known) in enumerate(zip(entering, computed, strict=True)):
                if sums is None:
                    quantized.compute(layer, inputs, known)
                else:
                    known[layer.name] = quantized.from_bare_sums(layer, sums[i])
                for name in freed.get(layer.name, ()):
                    known.pop(name, None)
    return Corrected(coded, frozenset(changed))


def _float_means(
    floats: FloatEmulator, names: Collection[str], entering: Sequence[Mapping[str, tf.Tensor]]
) -> dict[str, Means]:
    """Values before the activation, on average over samples and pixels, by layer."""
    run = [layer.name for layer in floats.layers if layer.name in names]
    totals: dict[str, Means] = {}
    samples = 0
    for inputs in entering:
        size = len(next(iter(inputs.values())))
        with failures_in_words(size):
            computed = floats.forward(inputs, kept=run)
            for name in run:
                values = computed.pop(name).preactivation
                if values is not None:
                    mean = values.numpy().mean(axis=(0, 1, 2), dtype=np.float64)
                    totals[name] = totals.get(name, 0.0) + size * mean
        samples += size
    return {name: total / samples for name, total in totals.items()}


def _bare_sums(
    archived: QuantizedEmulator, layer: Layer, computed: Sequence[Mapping[str, QuantizedTensors]]
) -> list[tf.Tensor] | None:
    """Sums without a bias, by batch; None where the layer is not run so."""
    found: list[tf.Tensor] = []
    for known in computed:
        if not all(name in known for name in layer.inputs):
            return None
        try:
            sums = archived.bare_sums(layer, parts_taken(archived.network, layer, known))
        except UnsupportedLayerError:
            return None
        if sums is None:
            return None
        found.append(sums)
    return found


def _mean(tensors: Sequence[tf.Tensor]) -> Means:
    """Means of channels over the pixels of all samples."""
    arrays = [tensor.numpy() for tensor in tensors]
    means = [array.mean(axis=(0, 1, 2), dtype=np.float64) for array in arrays]
    found: Means = np.average(means, axis=0, weights=[len(array) for array in arrays])
    return found


def _shifted(coded: CodedLayer, wanted: Means, bare: Means) -> CodedLayer:
    """The layer with the bias that brings its mean to what is wanted.

    Parameters
    ----------
    bare : sums without a bias, on average.
    """
    integers = coded.integers
    assert integers is not None
    assert integers.accumulator_scale is not None
    sums = wanted * (2.0**integers.mac_shift / integers.accumulator_scale)
    step = integers.bias_step or 1.0
    with np.errstate(all="ignore"):  # damaged weights yield no numbers
        bias = np.rint((sums - bare) / step) * step
    bias = np.where(np.isfinite(bias), bias, integers.bias)
    return replace(coded, integers=replace(integers, bias=bias))
