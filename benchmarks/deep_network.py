"""A residual network for small images with as many weighted layers as wanted, random weights.

Its layers lose very different amounts to quantization. The channels of every tensor are scaled
apart, by little here and by much there, and the layers that read them are scaled back: the float
network does the same as before, but a small channel beside a large one is left with few codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.float_graph import FloatArray, FloatGraph
from utils.har.network import Shape

IMAGE: Shape = (16, 16, 3)
CLASSES = 10
STAGES = (16, 24, 32)  # channels at 16x16, 8x8 and 4x4 pixels
BLOCK_LAYERS = 3  # layers with weights in a residual block
# With weights, and not in blocks: stem, a fork in every stage, two ways down, two dense layers.
OTHER_LAYERS = 11
# A sum of many branches must not grow with their number.
BRANCH_GAIN = 0.4
# Octaves by which channels of one tensor are scaled apart (standard deviation), at most.
WIDEST_SPREAD = 2.0

# Gain of every channel, by name of the layer that makes it.
Gains = dict[str, NDArray[np.float64]]


def build_deep_network(weighted_layers: int, seed: int = 0) -> FloatGraph:
    """Layers and weights of a network that has so many layers with weights, at least 14.

    stem, then three stages of residual blocks (1x1, 3x3, 1x1, added to what came in), each with
    a fork (1x1 and 3x3, joined by a concat) at its end; a maxpool or a strided convolution leads
    to the next. An average pool and two dense layers end it.
    """
    blocks, single = divmod(weighted_layers - OTHER_LAYERS, BLOCK_LAYERS)
    if blocks < 1:
        raise ValueError(f"{weighted_layers} layers with weights are too few")
    net = _DeepNetwork(FloatGraph("deep", np.random.default_rng(seed)))
    last = net.graph.add("input_layer1", "input_layer", (), IMAGE)
    last = net.conv(last, 3, STAGES[0])
    for stage, channels in enumerate(STAGES):
        if stage == 1:
            last = net.conv(net.pool("maxpool", last, 2), 1, channels)
        elif stage == 2:
            last = net.conv(last, 3, channels, stride=2)
        for _ in range(blocks // 3 + (stage < blocks % 3)):
            last = net.block(last)
        last = net.fork(last)
    for _ in range(single):
        last = net.conv(last, 3, STAGES[-1])
    last = net.pool("avgpool", last, net.graph.shape(last)[0])
    last = net.dense(last, 24, "relu")
    last = net.dense(last, CLASSES, "linear")
    net.graph.add_output(last)
    return net.graph


@dataclass
class _DeepNetwork:
    graph: FloatGraph
    gains: Gains = field(default_factory=dict)

    def conv(
        self,
        source: str,
        size: int,
        channels: int,
        stride: int = 1,
        activation: str = "relu",
        spread: float | None = None,
    ) -> str:
        name = self.graph.add_conv(
            self.graph.numbered("conv"),
            source,
            size,
            channels,
            stride=stride,
            activation=activation,
        )
        self._scale_apart(name, source, self._some_gains(channels, spread))
        return name

    def dense(self, source: str, channels: int, activation: str) -> str:
        name = self.graph.add_dense(self.graph.numbered("fc"), source, channels, activation)
        gains = np.ones(channels) if activation == "linear" else self._some_gains(channels, None)
        self._scale_apart(name, source, gains)
        return name

    def pool(self, type_: str, source: str, size: int) -> str:
        name = self.graph.add_pool(self.graph.numbered(type_), type_, source, size, size)
        self.gains[name] = self.gains[source]
        return name

    def block(self, source: str) -> str:
        """What came in plus a branch of three convolutions, whose last is linear."""
        channels = self.graph.shape(source)[2]
        inner = self.conv(self.conv(source, 1, channels // 2), 3, channels // 2)
        branch = self.graph.add_conv(
            self.graph.numbered("conv"), inner, 1, channels, activation="linear"
        )
        self._scale_apart(branch, inner, BRANCH_GAIN * self.gains[source])
        name = self._join("ew_add", (source, branch), channels, activation="relu")
        # Only what both sides share may be taken back by the readers.
        self.gains[name] = self.gains[source]
        return name

    def fork(self, source: str) -> str:
        half = self.graph.shape(source)[2] // 2
        parts = (self.conv(source, 1, half, spread=0.5), self.conv(source, 3, half, spread=0.5))
        name = self._join("concat", parts, 2 * half, activation="linear")
        self.gains[name] = np.concatenate([self.gains[part] for part in parts])
        return name

    def _join(self, type_: str, sources: tuple[str, ...], channels: int, activation: str) -> str:
        height, width, _ = self.graph.shape(sources[0])
        base, shape = self.graph.numbered(type_), (height, width, channels)
        return self.graph.add(base, type_, sources, shape, activation=activation)

    def _some_gains(self, channels: int, spread: float | None) -> NDArray[np.float64]:
        random = self.graph.random
        if spread is None:
            spread = float(random.uniform(0, WIDEST_SPREAD))
        octaves = np.clip(random.standard_normal(channels), -2, 2) * spread
        return np.asarray(2.0**octaves)

    def _scale_apart(self, name: str, source: str, gains: NDArray[np.float64]) -> None:
        arrays = self.graph.arrays[name]
        kernel, bias = arrays["kernel"], arrays["bias"]
        fan_in = kernel.shape[-2]
        entering = self.gains.get(source, np.ones(self.graph.shape(source)[2]))
        taken_back = np.tile(entering, fan_in // len(entering))[:, np.newaxis]
        arrays["kernel"] = _single(kernel / taken_back * gains)
        arrays["bias"] = _single(bias * gains)
        self.gains[name] = gains


def _single(values: NDArray[np.float64]) -> FloatArray:
    return values.astype(np.float32)
