"""A detector of YOLOv8's shape with random weights: six outputs, boxes and classes at three scales.

Widths and depths are those of the published family: n has a width of 0.25 and a depth of 1/3, m
of 0.75 and 2/3. The first layer normalizes raw pixels on the chip, as Hailo's scripts do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.float_graph import FloatGraph

CLASSES = 80
BOX_CHANNELS = 64  # 16 bins for each side of a box


@dataclass(frozen=True)
class Size:
    """A member of the family.

    Parameters
    ----------
    width, depth : factors of the channels, and of the repeats in a block.
    channels : of the deepest stage, before `width`.
    """

    width: float
    depth: float
    channels: int


NANO = Size(0.25, 1 / 3, 1024)
MEDIUM = Size(0.75, 2 / 3, 768)


@dataclass
class _Yolo:
    """The network while it is built."""

    graph: FloatGraph
    size: Size

    def channels(self, wanted: int) -> int:
        return int(min(wanted, self.size.channels) * self.size.width)

    def conv(
        self, source: str, size: int, channels: int, stride: int = 1, activation: str = "silu"
    ) -> str:
        name = self.graph.numbered("conv")
        return self.graph.add_conv(name, source, size, channels, stride, activation)

    def joined(self, type_: str, sources: list[str], channels: int) -> str:
        height, width, _ = self.graph.shape(sources[0])
        shape = (height, width, channels)
        return self.graph.add(
            self.graph.numbered(type_), type_, tuple(sources), shape, activation="linear"
        )

    def concat(self, sources: list[str]) -> str:
        return self.joined("concat", sources, sum(self.graph.shape(s)[2] for s in sources))

    def upsampled(self, source: str) -> str:
        return self.graph.add_doubled(self.graph.numbered("resize"), source)

    def block(self, source: str, wanted: int, repeats: int, shortcut: bool = True) -> str:
        """Two branches, one of them through a chain of bottlenecks, all of its links joined."""
        half = self.channels(wanted) // 2
        parts = [self.conv(source, 1, half), self.conv(source, 1, half)]
        for _ in range(max(round(repeats * self.size.depth), 1)):
            inner = self.conv(self.conv(parts[-1], 3, half), 3, half)
            if shortcut:
                inner = self.joined("ew_add", [parts[-1], inner], half)
            parts.append(inner)
        return self.conv(self.concat(parts), 1, 2 * half)

    def pyramid_pool(self, source: str) -> str:
        channels = self.channels(1024)
        parts = [self.conv(source, 1, channels // 2)]
        for _ in range(3):
            parts.append(
                self.graph.add_pool(
                    self.graph.numbered("maxpool"), "maxpool", parts[-1], 5, 1, "SAME_TENSORFLOW"
                )
            )
        return self.conv(self.concat(parts), 1, channels)

    def head(self, source: str) -> None:
        boxes = max(16, self.channels(256) // 4, BOX_CHANNELS)
        scores = max(self.channels(256), min(CLASSES, 100))
        for width, last, activation in (
            (boxes, BOX_CHANNELS, "linear"),
            (scores, CLASSES, "sigmoid"),
        ):
            inner = self.conv(self.conv(source, 3, width), 3, width)
            made = self.conv(inner, 1, last, activation=activation)
            self.graph.add_output(made)


def build_yolov8(size: Size = NANO, side: int = 640) -> FloatGraph:
    """Layers and weights of the whole network, for images of `side` pixels."""
    net = _Yolo(FloatGraph("yolov8", np.random.default_rng(8)), size)
    last = net.graph.add_pixels(side)
    last = net.conv(last, 3, net.channels(64), 2)
    stages = []
    for wanted, repeats in ((128, 3), (256, 6), (512, 6), (1024, 3)):
        last = net.block(net.conv(last, 3, net.channels(wanted), 2), wanted, repeats)
        stages.append(last)
    _, fine, middle, _ = stages
    coarse = net.pyramid_pool(last)
    merged = net.block(net.concat([net.upsampled(coarse), middle]), 512, 3, shortcut=False)
    small = net.block(net.concat([net.upsampled(merged), fine]), 256, 3, shortcut=False)
    down = net.conv(small, 3, net.channels(256), 2)
    medium = net.block(net.concat([down, merged]), 512, 3, shortcut=False)
    down = net.conv(medium, 3, net.channels(512), 2)
    large = net.block(net.concat([down, coarse]), 1024, 3, shortcut=False)
    for source in (small, medium, large):
        net.head(source)
    return net.graph
