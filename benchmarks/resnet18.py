"""A ResNet-18 at 224x224 with random weights."""

from __future__ import annotations

import numpy as np

from benchmarks.float_graph import FloatGraph
from utils.har.network import Shape

IMAGE: Shape = (224, 224, 3)
CLASSES = 1000
STAGES = (64, 128, 256, 512)  # channels; two blocks each
INPUT = "resnet18/input_layer1"


def build_resnet18() -> FloatGraph:
    """Layers and weights of the whole network."""
    net = FloatGraph("resnet18", np.random.default_rng(18))
    net.add("input_layer1", "input_layer", (), IMAGE)
    last = net.add_conv("conv1", INPUT, 7, STAGES[0], stride=2)
    last = net.add_pool("maxpool1", "maxpool", last, 3, 2, "SAME")
    for stage, channels in enumerate(STAGES):
        for block in range(2):
            last = _add_block(net, last, channels, stride=2 if stage and not block else 1)
    height = net.shape(last)[0]
    last = net.add_pool("avgpool1", "avgpool", last, height, height)
    last = net.add_dense("fc1", last, CLASSES)
    net.add("output_layer1", "output_layer", (last,), (1, 1, CLASSES))
    return net


def _add_block(net: FloatGraph, source: str, channels: int, stride: int) -> str:
    number = sum(layer.type == "conv" for layer in net.layers.values())
    shortcut = source
    if stride > 1:
        shortcut = net.add_conv(
            f"conv{number + 1}", source, 1, channels, stride, activation="linear"
        )
        number += 1
    inner = net.add_conv(f"conv{number + 1}", source, 3, channels, stride)
    return net.add_conv(f"conv{number + 2}", inner, 3, channels, shortcut=shortcut)
