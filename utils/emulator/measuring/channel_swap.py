"""The float network on the same samples with the channels of the images in both orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.har.network import Layer
from utils.measurements.channel_order import ChannelOrder, Confidence, HeadConfidence
from utils.outputs.probabilities import holds_probabilities
from utils.quantizer.precision_plan import code_sources

# Cells of a map that count as its detections: one object makes several neighbours respond.
CELLS = 10
# Mean difference between the outer channels, as a share of a sample's range: less is grey. Camera
# pictures in grey are stored with equal channels; JPEG leaves differences of about a grey level.
GREY_DIFFERENCE = 0.005

Reading = dict[str, NDArray[Any]]


def measured_channel_order(
    floats: FloatEmulator,
    parts: Iterable[Iterable[Batch]],
    inputs: Sequence[str],
    on_batch: Callable[[int], object] = lambda samples: None,
) -> ChannelOrder:
    """Run samples in both orders at once; memory does not grow with their number.

    Parameters
    ----------
    parts : each evenly spread over the set; no further one is run where nothing would come of it.
    inputs : names of the inputs that hold colour images, whose channels are reversed together.
    on_batch : called after each batch with its number of samples.

    Raises
    ------
    DatasetError : a batch does not fit the network.
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    heads, total = emulated_heads(floats), ChannelOrder(tuple(inputs), 0, 0, {})
    for batches in parts:
        for batch in batches:
            total = total.merged(_of_batch(floats, heads, batch, total.inputs))
            on_batch(sample_count(batch))
        if total.is_settled:
            break
    return total


def emulated_heads(floats: FloatEmulator) -> tuple[Layer, ...]:
    """Layers that compute what leaves the network; where they cannot be run, what feeds them."""
    found: set[str] = set()
    pending = list(floats.network.output_layers)
    seen = {layer.name for layer in pending}
    while pending:
        for source in code_sources(floats.network, pending.pop()):
            if source.name not in floats.not_measured:
                found.add(source.name)
            elif source.name not in seen:
                seen.add(source.name)
                pending.append(source)
    return tuple(layer for layer in floats.layers if layer.name in found)


def _of_batch(
    floats: FloatEmulator, heads: Sequence[Layer], batch: Batch, inputs: tuple[str, ...]
) -> ChannelOrder:
    is_coloured = reduce(np.logical_or, (coloured(batch[name]) for name in inputs))
    count = int(is_coloured.sum())
    grey = len(is_coloured) - count
    if not count:
        return ChannelOrder(inputs, 0, grey, {})
    as_is = {name: array[is_coloured] for name, array in batch.items()}
    turned = {**as_is, **{name: as_is[name][..., ::-1] for name in inputs}}
    both = {name: np.concatenate([array, turned[name]]) for name, array in as_is.items()}
    found: dict[str, HeadConfidence] = {}
    with failures_in_words(2 * count):
        computed = floats.forward(floats.tensors(both), kept=[head.name for head in heads])
        for head in heads:
            output = computed[head.name].output
            are_scores = holds_probabilities(floats.network, head)
            halves = (output[:count], output[count:])
            compared = _compared(*(_reading(head, half, are_scores) for half in halves))
            if compared is not None:
                found[head.name] = compared
    return ChannelOrder(inputs, count, grey, found)


def coloured(images: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which samples have outer channels that differ: bool (n,) of (n, height, width, channels)."""
    values = images.astype(np.float32)
    axes = (1, 2, 3)
    spread = values.max(axis=axes) - values.min(axis=axes)
    difference = np.abs(values[..., 0] - values[..., -1]).mean(axis=(1, 2))
    return np.asarray(difference > GREY_DIFFERENCE * spread)


def _reading(layer: Layer, output: tf.Tensor, are_scores: bool) -> Reading:
    """One number of each kind for every sample, (samples,), and wins by channel, (channels,)."""
    shares = output if layer.type == "softmax" else tf.nn.softmax(output)
    scores = output if are_scores else tf.sigmoid(output)
    _, height, width, channels = output.shape
    if height * width * channels == 1:
        # One score of a whole sample says yes or no, and may be as sure of the one as of the other.
        scores = tf.maximum(scores, 1.0 - scores)
    cells = min(CELLS, height * width)
    flat = tf.reshape(scores, [-1, height * width * channels])
    largest = tf.argmax(tf.reshape(output, [-1, channels]), axis=1, output_type=tf.int32)
    found = {
        "probability": tf.reduce_mean(tf.reduce_max(shares, axis=3), axis=[1, 2]),
        "score": tf.reduce_mean(tf.math.top_k(flat, k=cells).values, axis=1),
        "winners": tf.math.bincount(largest, minlength=channels, maxlength=channels),
    }
    return {name: tensor.numpy() for name, tensor in found.items()}


def _compared(as_is: Reading, turned: Reading) -> HeadConfidence | None:
    """Both runs of a layer; None where its values are not finite."""
    pairs = {key: (as_is[key], turned[key]) for key in ("probability", "score")}
    if not all(np.isfinite(values).all() for pair in pairs.values() for values in pair):
        return None
    return HeadConfidence(
        Confidence.of(*pairs["probability"]),
        Confidence.of(*pairs["score"]),
        *(
            {i: int(wins) for i, wins in enumerate(run["winners"]) if wins}
            for run in (as_is, turned)
        ),
    )
