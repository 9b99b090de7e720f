"""Trials: what changing the range of one layer does to the outputs of the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from utils.emulator.engine import Batch, Change, FloatEmulator
from utils.har.calibrated_encoding import affine_range
from utils.har.quantization import Encoding

Energies = dict[str, tf.Tensor]


@dataclass(frozen=True)
class RangeChange:
    """A layer's encoding as it is, and as it would be.

    Parameters
    ----------
    highest_code : the largest code, 255 or 32767.
    """

    before: Encoding
    after: Encoding
    highest_code: int


def narrowed(encoding: Encoding, low: float, high: float, highest_code: int) -> Encoding:
    """The encoding with its widest channel spanning (low, high); equalization is kept."""
    base = affine_range(low, high, highest_code)
    scales = encoding.scales * (base.scale / encoding.scales.max())
    return Encoding(scales, np.full_like(scales, base.zero_point), base.low, base.high)


def measured_snr(
    emulator: FloatEmulator, batches: Iterable[Batch], changes: Mapping[str, RangeChange]
) -> dict[str, tuple[dict[str, float], dict[str, float]]]:
    """Output SNR when one layer's output is coded and all else is float, before and after.

    SNR is 10 log10(sum y^2 / sum (y' - y)^2), pooled over all samples and elements in float64.

    Returns
    -------
    By layer, dB by output layer: as it is, and as it would be.
    """
    outputs = [
        o.name for o in emulator.network.output_layers if o.name not in emulator.not_measured
    ]
    energies = emulator.traced(lambda inputs: _energies(emulator, inputs, outputs, changes))
    totals: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for batch in batches:
        for key, value in energies(emulator.tensors(batch)).items():
            totals[key] = totals.get(key, np.zeros(len(outputs))) + value.numpy()

    def decibels(key: str) -> dict[str, float]:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = 10 * np.log10(totals["signal"] / totals[key])
        return dict(zip(outputs, map(float, ratio), strict=True))

    return {name: (decibels(f"{name}:before"), decibels(f"{name}:after")) for name in changes}


def _energies(
    emulator: FloatEmulator,
    inputs: Mapping[str, tf.Tensor],
    outputs: list[str],
    changes: Mapping[str, RangeChange],
) -> Energies:
    plain = emulator.forward(inputs)
    result = {"signal": _sums([plain[name].output for name in outputs])}
    for name, change in changes.items():
        for when, encoding in (("before", change.before), ("after", change.after)):
            coded = emulator.forward(inputs, {name: _coding(encoding, change.highest_code)})
            errors = [coded[output].output - plain[output].output for output in outputs]
            result[f"{name}:{when}"] = _sums(errors)
    return result


def _sums(tensors: list[tf.Tensor]) -> tf.Tensor:
    return tf.stack([tf.reduce_sum(tf.square(tf.cast(t, tf.float64))) for t in tensors])


def _coding(encoding: Encoding, highest_code: int) -> Change:
    scales = tf.constant(encoding.scales, tf.float32)
    zero_points = tf.constant(encoding.zero_points, tf.float32)

    def coded(tensor: tf.Tensor) -> tf.Tensor:
        codes = tf.clip_by_value(tf.round(tensor / scales + zero_points), 0, highest_code)
        return (codes - zero_points) * scales

    return coded
