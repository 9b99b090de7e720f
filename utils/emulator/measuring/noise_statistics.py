"""Noise of the quantized run: reduced where the tensors are, merged in float64 on the host."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import serves, together, viewed
from utils.emulator.kernels.open_shapes import on_host, open_shaped
from utils.emulator.kernels.reductions import add_noise
from utils.emulator.measuring.batch_statistics import Values, channel_sum, sample_energies
from utils.emulator.quantized.coded import by_channel
from utils.emulator.quantized.limits import Limits
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.har.quantization import Encoding
from utils.measurements.noise import Exceeded, LayerNoise, TensorNoise


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
    return sample_energies(tensor)


def by_sample(tensor: tf.Tensor) -> NDArray[np.float64]:
    """Sum of squares of every sample, (samples,)."""
    energies: NDArray[np.float64] = _energies_by_sample(tensor).numpy()
    return energies


def sample_noise(quantized: QuantizedTensors, reference: tf.Tensor, statistics: Values) -> Values:
    """Energies of the signal and of the error of every sample, (samples,).

    Parameters
    ----------
    statistics : of `reference`.
    """
    signal = statistics["sample_energies"]
    noise = reduced_noise(quantized, reference, float(signal.sum()))
    return {"signal": signal, "noise": noise["sample_energies"]}


@open_shaped(tf.float32, tf.float32)
def _noise(values: tf.Tensor, reference: tf.Tensor) -> dict[str, tf.Tensor]:
    error = values - reference
    return {
        "energies": channel_sum(tf.square(error)),
        "error_sums": channel_sum(error),
        "sample_energies": sample_energies(error),
    }


def reduced_noise(
    quantized: QuantizedTensors, reference: tf.Tensor, signal: float | None = None
) -> Values:
    """Energy of the signal, and energies and sums of the errors of every channel.

    And ``sample_energies``, the energy of the errors of every sample, (samples,).

    Parameters
    ----------
    reference : what the float network computes there.
    signal : energy of `reference`, where it is known.
    """
    known = measured_energy(reference).numpy() if signal is None else np.float64(signal)
    if not serves(reference):
        return {"signal": known, **on_host(_noise(quantized.output.values, reference))}
    samples, height, width, channels = reference.shape
    wide = together(width, channels)
    shape = (samples * height, width // wide, wide * channels)
    codes, real = (viewed(v).reshape(shape) for v in (quantized.output.codes, reference))
    meaning = _meaning(quantized.output.encoding, channels)
    scales, zero_points = (np.tile(v, wide) for v in meaning)
    sums, energies = np.zeros(shape[2]), np.zeros((samples, shape[2]))
    for sample in range(samples):
        own = slice(sample * height, (sample + 1) * height)
        add_noise(codes[own], real[own], scales, zero_points, sums, energies[sample])
    with np.errstate(invalid="ignore"):  # what is not finite may have no sum
        return {
            "signal": known,
            "energies": energies.reshape(samples, wide, channels).sum(axis=(0, 1)),
            "error_sums": sums.reshape(wide, channels).sum(axis=0),
            "sample_energies": energies.sum(axis=1),
        }


def _meaning(
    encoding: Encoding | None, channels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale and zero point of every channel."""
    if encoding is None:
        return np.ones(channels, np.float32), np.zeros(channels, np.float32)
    return by_channel(encoding, channels)


def reduced_limits(quantized: QuantizedTensors) -> Limits:
    """How many values and how many samples pass a limit, int64 (2,) for each limit there is."""
    return {} if quantized.limits is None else quantized.limits()


def tensor_noise(values: Values, count: int) -> TensorNoise:
    """Noise of one batch from what `reduced_noise` yielded; `count` values per channel."""
    by_channel = np.asarray(values["energies"], dtype=np.float64)
    return TensorNoise(
        float(values["signal"]),
        float(by_channel.sum()),
        np.asarray(values["error_sums"], dtype=np.float64),
        count,
        by_channel,
    )


def layer_noise(values: Values, limits: Values, count: int) -> LayerNoise:
    """Noise and limits of one batch; `count` values per channel."""
    output = tensor_noise(values, count)
    found = {
        kind: Exceeded(int(pair[0]), count * len(output.error_sums), int(pair[1]))
        for kind, pair in limits.items()
    }
    return LayerNoise(output, found.get("clipped"), found.get("saturated"))
