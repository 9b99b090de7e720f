"""Trials: what changing the range of one layer does to the outputs of the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import tensorflow as tf

from utils.emulator.engine import Batch, Change, FloatEmulator
from utils.emulator.failures import failures_in_words
from utils.har.quantization import Encoding
from utils.range_trial import RangeChange


def measured_snr(
    emulator: FloatEmulator, batches: Iterable[Batch], name: str, change: RangeChange
) -> tuple[dict[str, float], dict[str, float]]:
    """Output SNR when the output of one layer is coded and all else is float.

    SNR is 10 log10(sum y^2 / sum (y' - y)^2), pooled over all samples and elements in float64.

    Returns
    -------
    dB by output layer, as the layer is coded and as it would be.
    """
    outputs = [
        o.name for o in emulator.network.output_layers if o.name not in emulator.not_measured
    ]
    if not outputs:
        return {}, {}
    energies = emulator.traced(lambda inputs: _energies(emulator, inputs, outputs, name, change))
    total = np.zeros((3, len(outputs)))
    for batch in batches:
        with failures_in_words(len(next(iter(batch.values())))):
            total += energies(emulator.tensors(batch)).numpy()
    signal, before, after = total
    with np.errstate(divide="ignore", invalid="ignore"):
        snr = [10 * np.log10(signal / noise) for noise in (before, after)]
    return (
        dict(zip(outputs, map(float, snr[0]), strict=True)),
        dict(zip(outputs, map(float, snr[1]), strict=True)),
    )


def _energies(
    emulator: FloatEmulator,
    inputs: Mapping[str, tf.Tensor],
    outputs: list[str],
    name: str,
    change: RangeChange,
) -> tf.Tensor:
    """Energy of the signal, the noise before and the noise after, shape (3, outputs)."""
    plain = emulator.forward(inputs)
    result = [_sums([plain[output].output for output in outputs])]
    for encoding in (change.before, change.after):
        coding = _coding(encoding, change.highest_code)
        coded = emulator.forward(inputs, {name: coding}, plain)
        result.append(_sums([coded[o].output - plain[o].output for o in outputs]))
    return tf.stack(result)


def _sums(tensors: list[tf.Tensor]) -> tf.Tensor:
    return tf.stack([tf.reduce_sum(tf.square(tf.cast(t, tf.float64))) for t in tensors])


def _coding(encoding: Encoding, highest_code: int) -> Change:
    scales = tf.constant(encoding.scales, tf.float32)
    zero_points = tf.constant(encoding.zero_points, tf.float32)

    def coded(tensor: tf.Tensor) -> tf.Tensor:
        codes = tf.clip_by_value(tf.round(tensor / scales + zero_points), 0, highest_code)
        return (codes - zero_points) * scales

    return coded
