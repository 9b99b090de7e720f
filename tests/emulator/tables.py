"""Small networks whose activations the chip computes by lines, used in their tail or all over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.emulator.networks import Arrays, conv, images, weights
from tests.emulator.quantized_networks import INPUT, Batch, Pair, output, quantized_pair
from tests.fixtures.builders import build_layer
from utils.har.network import Layer

SAMPLES = 24
LAYER, OUTPUT = "net/conv2", "net/output_layer1"
SHAPE = (8, 8, 3)
# Mean and spread of what the last activation receives.
TAIL, WHOLE = (-3.6, 0.35), (0.0, 3.0)


def depth_layers(activation: str = "sigmoid") -> list[Layer]:
    return [
        build_layer("input_layer1", shape=SHAPE),
        conv("conv1", ["input_layer1"], (8, 8, 8), 3),
        conv("conv2", ["conv1"], (8, 8, 2), 8, activation=activation),
        output(1, "conv2", (8, 8, 2)),
    ]


def depth(
    folder: Path,
    used: tuple[float, float],
    activation: str = "sigmoid",
    modes: Mapping[str, str] | None = None,
) -> tuple[Pair, Batch]:
    """A map that leaves through an activation, of which the network uses a part, or all of it."""
    mean, spread = used
    batch = {INPUT: images(SAMPLES, *SHAPE, seed=4)}
    arrays: Arrays = {
        "conv1/kernel": weights(3, 3, 3, 8, seed=1),
        "conv1/bias": np.full(8, 0.3, np.float32),
        "conv2/kernel": 1.5 * spread * weights(3, 3, 8, 2, seed=2),
        "conv2/bias": np.full(2, mean, np.float32),
    }
    layers = depth_layers(activation)
    return quantized_pair(folder / "depth.har", layers, arrays, batch, modes), batch


def inside(folder: Path, used: tuple[float, float]) -> tuple[Pair, Batch]:
    """The same with two more layers behind that activation."""
    mean, spread = used
    batch = {INPUT: images(SAMPLES, *SHAPE, seed=4)}
    layers = [
        *depth_layers()[:3],
        conv("conv3", ["conv2"], (8, 8, 4), 2, activation="linear"),
        output(1, "conv3", (8, 8, 4)),
    ]
    arrays: Arrays = {
        "conv1/kernel": weights(3, 3, 3, 8, seed=1),
        "conv1/bias": np.full(8, 0.3, np.float32),
        "conv2/kernel": 1.5 * spread * weights(3, 3, 8, 2, seed=2),
        "conv2/bias": np.full(2, mean, np.float32),
        "conv3/kernel": weights(3, 3, 2, 4, seed=3),
        "conv3/bias": np.zeros(4, np.float32),
    }
    return quantized_pair(folder / "inside.har", layers, arrays, batch), batch
