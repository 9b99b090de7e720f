"""How far the samples of a batch reach within the codes of a layer."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.open_shapes import on_host, open_shaped
from utils.emulator.quantized.coded import by_channel, is_uniform
from utils.har.quantization import Encoding
from utils.measurements.peaks import Peaks, farthest


@open_shaped(tf.float32)
def _ends(tensor: tf.Tensor) -> dict[str, tf.Tensor]:
    # Two steps: TensorFlow reduces along rows fastest.
    return {
        "low": tf.reduce_min(tf.reduce_min(tensor, axis=[2, 3]), axis=1),
        "high": tf.reduce_max(tf.reduce_max(tensor, axis=[2, 3]), axis=1),
    }


@open_shaped(tf.float32, tf.TensorSpec([None]))
def _scaled_ends(tensor: tf.Tensor, scales: tf.Tensor) -> dict[str, tf.Tensor]:
    lows = tf.reduce_min(tensor, axis=[1, 2]) / scales
    highs = tf.reduce_max(tensor, axis=[1, 2]) / scales
    return {"low": tf.reduce_min(lows, axis=1), "high": tf.reduce_max(highs, axis=1)}


def reduced_peaks(tensor: tf.Tensor, encoding: Encoding, places: NDArray[np.int64]) -> Peaks:
    """The samples that reach farthest.

    Parameters
    ----------
    tensor : what the layer computes in float.
    encoding : how the archive codes it.
    places : of the samples in the file, (samples,).
    """
    if is_uniform(encoding):
        scale = float(encoding.scales.max())
        ends = {name: found / scale for name, found in on_host(_ends(tensor)).items()}
    else:
        scales, _ = by_channel(encoding, int(tensor.shape[3]))
        ends = dict(on_host(_scaled_ends(tensor, tf.constant(scales))))
    low, high = (ends[name].astype(np.float64) for name in ("low", "high"))
    return Peaks(farthest(places, low, is_high=False), farthest(places, high, is_high=True))
