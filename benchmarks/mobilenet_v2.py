"""A MobileNetV2 for images of 224 pixels with random weights: depthwise layers, relu6."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.float_graph import FloatGraph

CLASSES = 1000
FIRST, LAST = 32, 1280  # channels of the first and of the last convolution


@dataclass(frozen=True)
class Stage:
    """Blocks of one width.

    Parameters
    ----------
    expansion : factor of the channels inside of a block.
    channels : that leave a block.
    repeats : number of blocks.
    stride : of the first block.
    """

    expansion: int
    channels: int
    repeats: int
    stride: int


STAGES = (
    Stage(1, 16, 1, 1),
    Stage(6, 24, 2, 2),
    Stage(6, 32, 3, 2),
    Stage(6, 64, 4, 2),
    Stage(6, 96, 3, 1),
    Stage(6, 160, 3, 2),
    Stage(6, 320, 1, 1),
)


def build_mobilenet_v2(side: int = 224) -> FloatGraph:
    """Layers and weights of the whole network; pixels are normalized."""
    net = FloatGraph("mobilenet_v2", np.random.default_rng(2))
    last = net.add_conv("conv1", net.add_pixels(side), 3, FIRST, stride=2, activation="relu6")
    for stage in STAGES:
        for block in range(stage.repeats):
            last = _add_block(net, last, stage, 1 if block else stage.stride)
    last = net.add_conv(net.numbered("conv"), last, 1, LAST, activation="relu6")
    height = net.shape(last)[0]
    last = net.add_pool("avgpool1", "avgpool", last, height, height)
    net.add_output(net.add_dense("fc1", last, CLASSES))
    return net


def _add_block(net: FloatGraph, source: str, stage: Stage, stride: int) -> str:
    """Widen, look at the neighbours channel by channel, narrow; add what came in if it fits."""
    channels, inner = net.shape(source)[2], source
    if stage.expansion > 1:
        wide = stage.expansion * channels
        inner = net.add_conv(net.numbered("conv"), source, 1, wide, activation="relu6")
    inner = net.add_depthwise(net.numbered("dw"), inner, 3, stride)
    shortcut = source if stride == 1 and channels == stage.channels else ""
    name = net.numbered("conv")
    return net.add_conv(name, inner, 1, stage.channels, activation="linear", shortcut=shortcut)
