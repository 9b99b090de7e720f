"""Small networks that lose what they decide, although one pooled SNR does not show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.emulator.networks import Arrays, conv, weights
from tests.emulator.quantized_networks import INPUT, Batch, Pair, dense, output, quantized_pair
from tests.fixtures.builders import build_layer
from utils.har.network import Layer

SAMPLES = 64
# Three targets in raw units: pressure in hPa, degrees, a share; mean and spread.
TARGETS = np.array([[1013, 9], [12, 6], [0.6, 0.1]], np.float32)


def features(samples: int = SAMPLES, length: int = 8) -> Batch:
    random = np.random.default_rng(3)
    return {INPUT: random.standard_normal((samples, 1, 1, length)).astype(np.float32)}


def vector_network(channels: int, activation: str = "linear") -> list[Layer]:
    return [
        build_layer("input_layer1", shape=(1, 1, 8)),
        dense("fc1", ["input_layer1"], 8, channels, activation),
        output(1, "fc1", (1, 1, channels)),
    ]


def regression(folder: Path, *, is_raw: bool) -> tuple[Pair, Batch]:
    """Targets in raw units share one range of codes, so the third has none; or standardized."""
    kernel = weights(8, 3, seed=1)
    kernel /= np.sqrt(np.square(kernel).sum(axis=0))
    scales = TARGETS[:, 1] if is_raw else np.ones(3, np.float32)
    arrays: Arrays = {
        "fc1/kernel": kernel * scales,
        "fc1/bias": TARGETS[:, 0] if is_raw else np.zeros(3, np.float32),
    }
    batch = features()
    return quantized_pair(folder / "regression.har", vector_network(3), arrays, batch), batch


def loud_samples(folder: Path, *, has_any: bool) -> tuple[Pair, Batch]:
    """Four classes; two samples are a thousand times as loud as the others."""
    batch = features()
    if has_any:
        batch[INPUT][[9, 37]] *= 1000
    arrays: Arrays = {"fc1/kernel": weights(8, 4, seed=2), "fc1/bias": np.zeros(4, np.float32)}
    return quantized_pair(folder / "classes.har", vector_network(4), arrays, batch), batch


def segmentation(folder: Path, *, eats_the_range: bool) -> tuple[Pair, Batch]:
    """Eight classes and an argmax on the chip; the logits of one class lie at -400."""
    shape = (8, 8, 3)
    layers = [
        build_layer("input_layer1", shape=shape),
        conv("conv1", ["input_layer1"], (8, 8, 8), 3, activation="linear"),
        build_layer("argmax1", inputs=["conv1"], shape=(8, 8, 1)),
        output(1, "argmax1", (8, 8, 1)),
    ]
    bias = np.zeros(8, np.float32)
    bias[7] = -400 if eats_the_range else 0
    arrays: Arrays = {"conv1/kernel": weights(3, 3, 3, 8, seed=5), "conv1/bias": bias}
    random = np.random.default_rng(6)
    batch = {INPUT: random.standard_normal((SAMPLES, *shape)).astype(np.float32)}
    return quantized_pair(folder / "segmentation.har", layers, arrays, batch), batch


def detector(folder: Path) -> tuple[Pair, Batch]:
    """Boxes of 64 channels beside the scores of three classes, at two scales."""
    layers = [build_layer("input_layer1", shape=(8, 8, 6))]
    arrays: Arrays = {}
    for scale, stride in enumerate((1, 2)):
        side = 8 // stride
        for kind, channels in enumerate((64, 3)):
            number = 2 * scale + kind + 1
            head = (side, side, channels)
            strides = [1, stride, stride, 1]
            padding = "SAME_TENSORFLOW" if stride == 1 else "SAME"
            layers.append(
                conv(
                    f"conv{number}",
                    ["input_layer1"],
                    head,
                    6,
                    strides=strides,
                    padding=padding,
                    activation="linear",
                )
            )
            layers.append(output(number, f"conv{number}", head))
            arrays[f"conv{number}/kernel"] = 2 * weights(3, 3, 6, channels, seed=number)
            arrays[f"conv{number}/bias"] = np.full(channels, -1.0 if kind else 0.0, np.float32)
    random = np.random.default_rng(8)
    batch = {INPUT: random.standard_normal((12, 8, 8, 6)).astype(np.float32)}
    return quantized_pair(folder / "detector.har", layers, arrays, batch), batch
