"""The shape detector as a graph of layers, as the compiler's parser would write it.

A 64x64 RGB image goes in; the box (centre x, centre y, width, height, in pixels) of the one shape
in it and a score from 0 to 1 for each of `shape_images.CLASS_NAMES` come out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examples.shape_images import CLASS_NAMES, SIDE
from utils.har.network import Layer, Network, Shape

NAME = "shape_detector"
INPUT = f"{NAME}/input_layer1"
_TYPES_BY_BASE_NAME = {"fc": "dense"}  # all others are called by their type
WEIGHTS_PATH = Path(__file__).with_name("shape_detector_weights.npz")


class DetectorWeights:
    """Weights of the normalized network, layer by layer as the emulator takes them."""

    def layer(self, name: str) -> Mapping[str, NDArray[np.float32]]:
        """Arrays of one layer, given by its scoped name; empty for a layer without any."""
        base = name.rpartition("/")[2]
        return {
            key.rpartition("/")[2]: values
            for key, values in normalized_weights().items()
            if key.rpartition("/")[0] == base
        }


@cache
def trained_weights() -> Mapping[str, NDArray[np.float32]]:
    """Trained weights by `layer/kernel` and `layer/bias`, for images in 0..1."""
    with np.load(WEIGHTS_PATH, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def normalized_weights() -> Mapping[str, NDArray[np.float32]]:
    """The same with the weights of the layer that divides by 255 first."""
    return {
        "normalization1/kernel": np.full((1, 1, 3, 1), 1 / 255, dtype=np.float32),
        "normalization1/bias": np.zeros(3, dtype=np.float32),
        **trained_weights(),
    }


def detector_network(joined_heads: bool, normalized: bool) -> Network:
    """The float graph.

    Parameters
    ----------
    joined_heads : whether box and scores leave as one tensor of 7 channels, box first, or as
        two outputs.
    normalized : whether it starts with the normalization of the model script.
    """
    layers = [*_entry(normalized), *_backbone(), *(_one_output if joined_heads else _two_outputs)()]
    outputs = tuple(layer.inputs[0] for layer in layers if layer.type == "output_layer")
    return Network(NAME, _connected(layers), outputs)


def _entry(normalized: bool) -> Iterator[Layer]:
    image = (SIDE, SIDE, 3)
    yield _layer("input_layer1", (), image, ("images",))
    if normalized:
        yield _layer("normalization1", ("input_layer1",), image, (), activation="linear")
    before = "normalization1" if normalized else "input_layer1"
    names = ("/stem/Conv", "/stem/Mul")
    yield _conv("conv1", before, (3, 3, 3, 8), (32, 32, 8), names, stride=2)


def _backbone() -> Iterator[Layer]:
    yield _conv("dw1", "conv1", (3, 3, 8, 1), (32, 32, 8), ("/depthwise/Conv", "/depthwise/Mul"))
    yield _conv("conv2", "dw1", (1, 1, 8, 16), (32, 32, 16), ("/pointwise/Conv", "/pointwise/Mul"))
    yield _layer(
        "maxpool1",
        ("conv2",),
        (16, 16, 16),
        ("/pool/MaxPool",),
        kernel_shape=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        padding="VALID",
        activation="linear",
        count_include_pad=True,
    )
    yield _conv(
        "conv3",
        "maxpool1",
        (3, 3, 16, 16),
        (16, 16, 16),
        ("/block/conv_a/Conv", "/block/conv_a/Mul"),
    )
    yield _conv(
        "conv4", "conv3", (3, 3, 16, 16), (16, 16, 16), ("/block/conv_b/Conv",), activation="linear"
    )
    yield _layer(
        "ew_add1", ("maxpool1", "conv4"), (16, 16, 16), ("/block/Add",), activation="linear"
    )
    yield _conv(
        "conv5", "ew_add1", (3, 3, 16, 24), (8, 8, 24), ("/down_a/Conv", "/down_a/Mul"), stride=2
    )
    yield _conv(
        "conv6", "conv5", (3, 3, 24, 32), (4, 4, 32), ("/down_b/Conv", "/down_b/Mul"), stride=2
    )
    yield _dense("fc1", "conv6", (512, 48), ("/shared/Gemm", "/shared/Mul"), "silu")
    yield _dense("fc2", "fc1", (48, 4), ("/box/Gemm",), "linear")
    yield _dense("fc3", "fc1", (48, len(CLASS_NAMES)), ("/score/Gemm", "/score/Sigmoid"), "sigmoid")


def _one_output() -> Iterator[Layer]:
    shape = (1, 1, 4 + len(CLASS_NAMES))
    yield _layer("concat1", ("fc2", "fc3"), shape, ("/Concat",), spatial_w_concat=False)
    yield _layer("output_layer1", ("concat1",), shape, ("detection",))


def _two_outputs() -> Iterator[Layer]:
    yield _layer("output_layer1", ("fc2",), (1, 1, 4), ("box",))
    yield _layer("output_layer2", ("fc3",), (1, 1, len(CLASS_NAMES)), ("scores",))


def _conv(
    name: str,
    before: str,
    kernel: tuple[int, int, int, int],
    shape: Shape,
    original_names: Sequence[str],
    stride: int = 1,
    activation: str = "silu",
) -> Layer:
    return _layer(
        name,
        (before,),
        shape,
        original_names,
        kernel_shape=list(kernel),
        strides=[1, stride, stride, 1],
        dilations=[1, 1, 1, 1],
        padding="SAME_TENSORFLOW",
        # A depthwise layer has as many groups as channels.
        groups=shape[2] if name.startswith("dw") else 1,
        batch_norm=False,
        elementwise_add=False,
        activation=activation,
    )


def _dense(
    name: str, before: str, kernel: tuple[int, int], original_names: Sequence[str], activation: str
) -> Layer:
    return _layer(
        name,
        (before,),
        (1, 1, kernel[1]),
        original_names,
        kernel_shape=list(kernel),
        batch_norm=False,
        activation=activation,
    )


def _layer(
    name: str,
    inputs: Sequence[str],
    shape: Shape,
    original_names: Sequence[str],
    **params: object,
) -> Layer:
    base = name.rstrip("0123456789")
    return Layer(
        name=f"{NAME}/{name}",
        type=_TYPES_BY_BASE_NAME.get(base, base),
        inputs=tuple(f"{NAME}/{before}" for before in inputs),
        output_shapes=(shape,),
        original_names=tuple(original_names),
        params=params,
    )


def _connected(layers: Sequence[Layer]) -> list[Layer]:
    """Add successors and input shapes, which follow from the inputs."""
    shapes: Mapping[str, Shape] = {layer.name: layer.output_shapes[0] for layer in layers}
    connected = []
    for layer in layers:
        outputs = tuple(other.name for other in layers if layer.name in other.inputs)
        connected.append(
            replace(
                layer,
                outputs=outputs,
                input_shapes=tuple(shapes[name] for name in layer.inputs or (layer.name,)),
                output_shapes=layer.output_shapes * max(len(outputs), 1),
            )
        )
    return connected
