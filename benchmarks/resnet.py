"""ResNets for images of 224 pixels with random weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.float_graph import FloatGraph
from utils.har.network import Shape

CLASSES = 1000
STAGES = (64, 128, 256, 512)  # channels of the convolutions inside of a block
WIDENING = 4  # a bottleneck leaves so many times the channels it works on

# Appends a block: graph, source, channels, stride.
AddBlock = Callable[[FloatGraph, str, int, int], str]


def build_resnet18(side: int = 224) -> FloatGraph:
    """Eight blocks of two convolutions; raw pixels go in."""
    net = FloatGraph("resnet18", np.random.default_rng(18))
    image: Shape = (side, side, 3)
    source = net.add("input_layer1", "input_layer", (), image)
    return _with_stages(net, source, (2, 2, 2, 2), _add_basic_block)


def build_resnet50(side: int = 224) -> FloatGraph:
    """Sixteen bottlenecks, whose 3x3 convolutions do the strides; pixels are normalized."""
    net = FloatGraph("resnet50", np.random.default_rng(50))
    return _with_stages(net, net.add_pixels(side), (3, 4, 6, 3), _add_bottleneck)


def _with_stages(
    net: FloatGraph, source: str, blocks: tuple[int, ...], add_block: AddBlock
) -> FloatGraph:
    last = net.add_conv("conv1", source, 7, STAGES[0], stride=2)
    last = net.add_pool("maxpool1", "maxpool", last, 3, 2, "SAME")
    for stage, channels in enumerate(STAGES):
        for block in range(blocks[stage]):
            last = add_block(net, last, channels, 2 if stage and not block else 1)
    height = net.shape(last)[0]
    last = net.add_pool("avgpool1", "avgpool", last, height, height)
    net.add_output(net.add_dense("fc1", last, CLASSES))
    return net


def _add_basic_block(net: FloatGraph, source: str, channels: int, stride: int) -> str:
    shortcut = _shortcut(net, source, channels, stride)
    inner = net.add_conv(net.numbered("conv"), source, 3, channels, stride)
    return net.add_conv(net.numbered("conv"), inner, 3, channels, shortcut=shortcut)


def _add_bottleneck(net: FloatGraph, source: str, channels: int, stride: int) -> str:
    shortcut = _shortcut(net, source, WIDENING * channels, stride)
    inner = net.add_conv(net.numbered("conv"), source, 1, channels)
    inner = net.add_conv(net.numbered("conv"), inner, 3, channels, stride)
    return net.add_conv(net.numbered("conv"), inner, 1, WIDENING * channels, shortcut=shortcut)


def _shortcut(net: FloatGraph, source: str, channels: int, stride: int) -> str:
    """What came in, made to fit where the block changes its shape."""
    if net.shape(source)[2] == channels and stride == 1:
        return source
    return net.add_conv(net.numbered("conv"), source, 1, channels, stride, activation="linear")
