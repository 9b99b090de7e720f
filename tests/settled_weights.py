"""Weights that behave as trained ones do, without hours of training.

A random network amplifies noise: it reads all directions alike, while what layers compute lies
in a few. Training leaves filters without grain that look where their inputs vary, and batch
normalization in front of every activation. Both are put in place here, layer by layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.float_graph import FloatArray, FloatGraph
from tests.har.samples import present
from utils.emulator.engine import FloatEmulator, LayerTensors
from utils.emulator.operands import parts_taken
from utils.har.network import Layer

GRAIN = 0.9  # share of a filter's differences between neighbouring pixels that training leaves
ALIGNMENT = 0.25  # power of the variance of its inputs by which a filter prefers a direction
SPREAD = (0.3, 2.0)  # limits of the standard deviation of a channel before the activation
LOGIT = 4.0  # of the right class before regularization; the others are at 0
RIDGE = 0.5  # regularization as a share of the mean variance of a feature


@dataclass(frozen=True)
class Spread:
    """Where training puts the channels of a layer before their activation.

    Parameters
    ----------
    reach : how far a channel gets from its mean; the channels of a layer get equally far.
    mean : of all channels.
    shift : standard deviation of the means of the channels, as the beta of batch normalization.
    """

    reach: float = 4.5
    mean: float = 0.0
    shift: float = 0.0


HIDDEN = Spread(shift=0.4)


def settle_weights(
    net: FloatGraph, images: FloatArray, heads: Mapping[str, Spread], classes: int
) -> None:
    """Change the weights of all conv and dense layers to what training on these images leaves.

    Parameters
    ----------
    net : its weights are random so far.
    images : image i shows class i % classes.
    heads : where the channels of layers without batch normalization lie, by name of the layer.
        Dense layers learn the classes by ridge regression.
    """
    emulator = FloatEmulator(net.network(), net)
    inputs = emulator.tensors({net.input_name: images})
    computed: dict[str, LayerTensors] = {}
    for layer in emulator.layers:
        if layer.name in inputs:
            tensor = inputs[layer.name]
            computed[layer.name] = LayerTensors(tensor, tensor, (tensor,) * len(layer.outputs))
            continue
        operands = parts_taken(emulator.network, layer, computed)
        arrays = net.arrays.get(layer.name, {})
        if layer.type == "dense":
            arrays.update(_regressed(operands[0].numpy(), classes))
        elif layer.type == "conv":
            arrays["kernel"] = _aligned(_smoothed(arrays["kernel"]), operands[0].numpy())
            sums = present(emulator.applied(layer, operands, inputs).preactivation).numpy()
            shortcut = operands[1].numpy() if len(operands) > 1 else 0.0
            wanted = heads.get(layer.name, HIDDEN)
            arrays.update(_normalized(net, layer, sums - shortcut, wanted))
        computed[layer.name] = emulator.applied(layer, operands, inputs)


def _smoothed(kernel: FloatArray) -> FloatArray:
    """Filters that add up what neighbouring pixels share."""
    mean = kernel.mean(axis=(0, 1), keepdims=True)
    return np.asarray(len(kernel) * mean + GRAIN * (kernel - mean), dtype=np.float32)


def _aligned(kernel: FloatArray, values: FloatArray) -> FloatArray:
    """Filters that look where their inputs vary: gradients are sums of inputs."""
    rows = values.reshape(-1, values.shape[-1]).astype(np.float64)
    variances, directions = np.linalg.eigh(np.cov(rows.T))
    weighted = directions * np.maximum(variances, 0.0) ** ALIGNMENT @ directions.T
    return np.asarray(np.einsum("hwio,ij->hwjo", kernel, weighted), dtype=np.float32)


def _normalized(
    net: FloatGraph, layer: Layer, sums: FloatArray, wanted: Spread
) -> dict[str, FloatArray]:
    """Kernel and bias with batch normalization over these sums folded in."""
    arrays, rows = net.arrays[layer.name], sums.reshape(-1, sums.shape[-1])
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    reach = np.abs(rows - mean).max(axis=0)
    factor = np.clip(wanted.reach * std / reach, *SPREAD) / std
    means = net.random.normal(wanted.mean, wanted.shift, len(mean))
    return {
        "kernel": np.asarray(arrays["kernel"] * factor, dtype=np.float32),
        "bias": np.asarray(factor * (arrays["bias"] - mean) + means, dtype=np.float32),
    }


def _regressed(features: FloatArray, classes: int) -> dict[str, FloatArray]:
    """Kernel and bias of the ridge regression of the classes."""
    rows = features.reshape(len(features), -1).astype(np.float64)
    wanted = LOGIT * (np.arange(len(rows))[:, None] % classes == np.arange(classes))
    centre, middle = rows.mean(axis=0), wanted.mean(axis=0)
    gram = (rows - centre).T @ (rows - centre)
    ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    kernel = np.linalg.solve(gram + ridge, (rows - centre).T @ (wanted - middle))
    return {
        "kernel": kernel.astype(np.float32),
        "bias": np.asarray(middle - centre @ kernel, dtype=np.float32),
    }
