"""Telling transformers from convolutional networks, and those from each other."""

from __future__ import annotations

from utils.har.network import Layer, Network
from utils.outputs.heads import has_several_scales

LEAST_MATMULS = 2  # an attention has two: queries times keys, shares times values
LEAST_CONVOLUTIONS = 2  # of windows larger than a pixel; with fewer, nothing tells a network apart


def attention_matmuls(network: Network) -> tuple[Layer, ...]:
    """Products of activations with activations, () where they are too few for an attention."""
    found = tuple(layer for layer in network if layer.type == "matmul")
    types = {layer.type for layer in network}
    is_attention = len(found) >= LEAST_MATMULS and types & {"softmax", "layer_normalization"}
    return found if is_attention else ()


def is_transformer(network: Network) -> bool:
    """Whether attention is what a network is made of.

    Detectors such as YOLO11 hold single attention blocks, without any layer normalization, among
    convolutions.
    """
    if not attention_matmuls(network):
        return False
    normalized = any(layer.type == "layer_normalization" for layer in network)
    return normalized or not has_several_scales(network)


def windowed_convolutions(network: Network) -> tuple[Layer, ...]:
    """Convolutions, depthwise ones as well, that look at more than one pixel."""
    return tuple(
        layer for layer in network if layer.type in ("conv", "dw") and _window(layer) > (1, 1)
    )


def is_convolutional(network: Network) -> bool:
    """Whether there are enough convolutions to call it a CNN."""
    return len(windowed_convolutions(network)) >= LEAST_CONVOLUTIONS


def _window(layer: Layer) -> tuple[int, int]:
    shape = layer.params.get("kernel_shape")
    if not isinstance(shape, list) or len(shape) < 2 or any(type(x) is not int for x in shape[:2]):
        return 1, 1
    return max(shape[:2]), min(shape[:2])
