"""Noise of the quantized run: reduced where the tensors are, merged in float64 on the host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.measuring.batch_statistics import Reduced, channel_sum
from utils.emulator.measuring.measured_networks import MeasuredQuantized
from utils.emulator.quantized.coded import unrounded
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.measurements.noise import Exceeded, LayerNoise, SampleNoise, TensorNoise

Values = Mapping[str, NDArray[Any]]

# Samples kept by output; more than these few are not worth looking at.
WORST_SAMPLES = 100


def energy(tensor: tf.Tensor) -> tf.Tensor:
    """Sum of squares: float32 along one row of one sample, float64 from there on."""
    rows = tf.reduce_sum(tf.square(tensor), axis=[2, 3])
    return tf.reduce_sum(tf.cast(rows, tf.float64))


def sample_energies(tensor: tf.Tensor) -> tf.Tensor:
    """Sum of squares of every sample, float64 (samples,)."""
    rows = tf.reduce_sum(tf.square(tensor), axis=[2, 3])
    return tf.reduce_sum(tf.cast(rows, tf.float64), axis=1)


def reduced_noise(quantized: QuantizedTensors, reference: tf.Tensor, signal: tf.Tensor) -> Reduced:
    """Energies of signal and error, and the sum of the errors of every channel.

    Parameters
    ----------
    reference : what the float network computes there.
    signal : energy of `reference`.
    """
    error = quantized.output.values - reference
    return {"signal": signal, "noise": energy(error), "error_sums": channel_sum(error)}


def reduced_limits(
    emulator: MeasuredQuantized, name: str, quantized: QuantizedTensors
) -> dict[str, tf.Tensor]:
    """How many values and how many samples pass a limit, int64 (2,) for each limit there is."""
    if quantized.sums is not None:
        return _limits_of_sums(emulator, name, quantized.sums)
    encoding = quantized.output.encoding
    if quantized.uncoded is None or encoding is None:
        return {}
    highest = emulator.coded_layers[name].highest_code
    codes = unrounded(quantized.uncoded, encoding)
    lowest, largest = tf.reduce_min(codes), tf.reduce_max(codes)
    low, high = -0.5, highest + 0.5
    return {
        "clipped": tf.cond(
            (lowest < low) | (largest > high),
            lambda: _counted((codes < low) | (codes > high)),
            _none,
        )
    }


def _limits_of_sums(emulator: MeasuredQuantized, name: str, sums: tf.Tensor) -> Reduced:
    integers = emulator.coded_layers[name].integers
    if integers is None:
        return {}
    bound = float(integers.limit) * 2.0**integers.mac_shift
    lowest, largest = tf.reduce_min(sums), tf.reduce_max(sums)
    # Most sums stay within all limits, and counting nothing would cost more passes.
    saturated = tf.cond(
        (lowest <= -bound) | (largest >= bound),
        lambda: _counted((sums <= -bound) | (sums >= bound)),
        _none,
    )
    stages = emulator.stages(name)
    may_clip = tf.reduce_any(tf.stack([s.may_clip(lowest, largest) for s in stages]))

    def clipped() -> tf.Tensor:
        groups = emulator.grouped(name, sums)
        parts = [stage.clipped(part) for stage, part in zip(stages, groups, strict=True)]
        return _counted(parts[0] if len(parts) == 1 else tf.concat(parts, axis=3))

    return {"saturated": saturated, "clipped": tf.cond(may_clip, clipped, _none)}


def _counted(condition: tf.Tensor) -> tf.Tensor:
    samples = tf.reduce_any(condition, axis=[1, 2, 3])
    return tf.stack([tf.math.count_nonzero(condition), tf.math.count_nonzero(samples)])


def _none() -> tf.Tensor:
    return tf.zeros([2], tf.int64)


def tensor_noise(values: Values, count: int) -> TensorNoise:
    """Noise of one batch from what `reduced_noise` yielded; `count` values per channel."""
    return TensorNoise(
        float(values["signal"]),
        float(values["noise"]),
        np.asarray(values["error_sums"], dtype=np.float64),
        count,
    )


def layer_noise(values: Values, limits: Values, count: int) -> LayerNoise:
    """Noise and limits of one batch; `count` values per channel."""
    output = tensor_noise(values, count)
    found = {
        kind: Exceeded(int(pair[0]), count * len(output.error_sums), int(pair[1]))
        for kind, pair in limits.items()
    }
    return LayerNoise(output, found.get("clipped"), found.get("saturated"))


def worst_of(samples: Iterable[SampleNoise]) -> list[SampleNoise]:
    """The samples with the lowest SNR, worst first, as many as are kept."""
    return sorted(samples, key=lambda s: (s.snr_db, s.index))[:WORST_SAMPLES]
