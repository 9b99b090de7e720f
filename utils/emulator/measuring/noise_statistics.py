"""Noise of the quantized run: reduced where the tensors are, merged in float64 on the host."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.measuring import fused
from utils.emulator.measuring.batch_statistics import Values, channel_sum
from utils.emulator.measuring.measured_networks import MeasuredQuantized
from utils.emulator.measuring.open_shapes import on_host, open_shaped
from utils.emulator.quantized.coded import unrounded
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.har.quantization import Encoding
from utils.measurements.noise import Exceeded, LayerNoise, SampleNoise, TensorNoise

# Samples kept by output; more than these few are not worth looking at.
WORST_SAMPLES = 100
# Codes by which values have to stay within the limits for it to be certain without a look.
_INSIDE = 1e-3


def energy(tensor: tf.Tensor) -> tf.Tensor:
    """Sum of squares: float32 along one row of one sample, float64 from there on."""
    rows = tf.reduce_sum(tf.square(tensor), axis=[2, 3])
    return tf.reduce_sum(tf.cast(rows, tf.float64))


@open_shaped(tf.float32)
def measured_energy(tensor: tf.Tensor) -> tf.Tensor:
    """`energy`, compiled."""
    return energy(tensor)


@open_shaped(tf.float32)
def _energies_by_sample(tensor: tf.Tensor) -> tf.Tensor:
    rows = tf.reduce_sum(tf.square(tensor), axis=[2, 3])
    return tf.reduce_sum(tf.cast(rows, tf.float64), axis=1)


def by_sample(tensor: tf.Tensor) -> NDArray[np.float64]:
    """Sum of squares of every sample, (samples,)."""
    energies: NDArray[np.float64] = _energies_by_sample(tensor).numpy()
    return energies


def sample_energies(quantized: QuantizedTensors, reference: tf.Tensor) -> Values:
    """Sum of squares of the signal and of the error of every sample, (samples,)."""
    error = quantized.output.values - reference
    return {"signal": by_sample(reference), "noise": by_sample(error)}


@open_shaped(tf.float32, tf.float32)
def _noise(values: tf.Tensor, reference: tf.Tensor) -> dict[str, tf.Tensor]:
    error = values - reference
    return {"noise": energy(error), "error_sums": channel_sum(error)}


def reduced_noise(
    quantized: QuantizedTensors, reference: tf.Tensor, signal: float | None = None
) -> Values:
    """Energies of signal and error, and the sum of the errors of every channel.

    Parameters
    ----------
    reference : what the float network computes there.
    signal : energy of `reference`, where it is known.
    """
    known = measured_energy(reference).numpy() if signal is None else np.float64(signal)
    if not fused.serves(reference):
        return {"signal": known, **on_host(_noise(quantized.output.values, reference))}
    rows = fused.viewed(quantized.output.codes)
    channels = rows.shape[2]
    scales, zero_points = _meaning(quantized.output.encoding, channels)
    sums = np.zeros(channels)
    noise = fused.add_noise(rows, fused.viewed(reference), scales, zero_points, sums)
    return {"signal": known, "noise": np.float64(noise), "error_sums": sums}


def _meaning(
    encoding: Encoding | None, channels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale and zero point of every channel."""
    if encoding is None:
        return np.ones(channels, np.float32), np.zeros(channels, np.float32)
    both = (encoding.scales, encoding.zero_points)
    scales, zero_points = (
        np.ascontiguousarray(np.broadcast_to(v, channels), np.float32) for v in both
    )
    return scales, zero_points


def reduced_limits(
    emulator: MeasuredQuantized, name: str, quantized: QuantizedTensors
) -> dict[str, NDArray[np.int64]]:
    """How many values and how many samples pass a limit, int64 (2,) for each limit there is."""
    if quantized.sums is not None:
        return _limits_of_sums(emulator, name, quantized.sums)
    encoding = quantized.output.encoding
    if quantized.uncoded is None or encoding is None:
        return {}
    lowest, highest = extremes(quantized.uncoded)
    if _fits(lowest, highest, encoding, emulator.coded_layers[name].highest_code):
        return {"clipped": np.zeros(2, np.int64)}
    codes = unrounded(quantized.uncoded, encoding)
    highest_code = emulator.coded_layers[name].highest_code
    return {"clipped": _counted((codes < -0.5) | (codes > highest_code + 0.5))}


def _counted_clipped(emulator: MeasuredQuantized, name: str, sums: tf.Tensor) -> NDArray[np.int64]:
    stages = emulator.stages(name)
    table = stages[0].clipped_sums() if len(stages) == 1 else None
    if table is not None and fused.serves(sums):
        rows = fused.viewed(sums).reshape(sums.shape[0], -1)
        by_sample = np.zeros(len(rows), np.int64)
        fused.count_marked(rows, *table, by_sample)
        return np.array([by_sample.sum(), np.count_nonzero(by_sample)])
    groups = emulator.grouped(name, sums)
    parts = [stage.clipped(part) for stage, part in zip(stages, groups, strict=True)]
    return _counted(parts[0] if len(parts) == 1 else tf.concat(parts, axis=3))


def _fits(lowest: float, highest: float, encoding: Encoding, highest_code: int) -> bool:
    """Whether no channel clips a value between these two; most tensors stay within their range."""
    ends = np.array([lowest, highest])[:, np.newaxis]
    with np.errstate(invalid="ignore"):
        codes = ends / encoding.scales.reshape(1, -1) + encoding.zero_points.reshape(1, -1)
    return bool(codes.min() > _INSIDE - 0.5 and codes.max() < highest_code + 0.5 - _INSIDE)


def _limits_of_sums(
    emulator: MeasuredQuantized, name: str, sums: tf.Tensor
) -> dict[str, NDArray[np.int64]]:
    integers = emulator.coded_layers[name].integers
    if integers is None:
        return {}
    bound = float(integers.limit) * 2.0**integers.mac_shift
    lowest, highest = extremes(sums)
    # Most sums stay within all limits, and counting nothing would cost more passes.
    saturated = clipped = np.zeros(2, np.int64)
    if lowest <= -bound or highest >= bound:
        saturated = _counted((sums <= -bound) | (sums >= bound))
    if any(stage.may_clip(lowest, highest) for stage in emulator.stages(name)):
        clipped = _counted_clipped(emulator, name, sums)
    return {"saturated": saturated, "clipped": clipped}


def extremes(tensor: tf.Tensor) -> tuple[float, float]:
    """Smallest and largest value."""
    if not fused.serves(tensor):
        lowest, highest = _EXTREMES[tensor.dtype](tensor)
        return float(lowest), float(highest)
    lowest, highest = fused.flat_extremes(fused.viewed(tensor).reshape(-1))
    return float(lowest), float(highest)


def _lowest_and_highest(tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.reduce_min(tensor), tf.reduce_max(tensor)


_EXTREMES = {dtype: open_shaped(dtype)(_lowest_and_highest) for dtype in (tf.float32, tf.float64)}


def _counted(condition: tf.Tensor) -> NDArray[np.int64]:
    samples = tf.reduce_any(condition, axis=[1, 2, 3])
    counts = [tf.math.count_nonzero(condition), tf.math.count_nonzero(samples)]
    return np.array([int(count) for count in counts])


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
