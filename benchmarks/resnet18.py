"""A ResNet-18 at 224x224 with random weights, as an HN graph and as the same network in ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from utils.har.network import Layer, Network, Shape

IMAGE: Shape = (224, 224, 3)
CLASSES = 1000
STAGES = (64, 128, 256, 512)  # channels; two blocks each
INPUT = "resnet18/input_layer1"

FloatArray = NDArray[np.float32]


@dataclass
class ResNet18:
    """The network while it is built, and its weights.

    Parameters
    ----------
    random : makes the weights; He initialization keeps activations in a natural range.
    layers : by name, in topological order; successors are filled in by `network`.
    arrays : weights by layer and key, as `utils.emulator` asks for them.
    """

    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(18))
    layers: dict[str, Layer] = field(default_factory=dict)
    arrays: dict[str, dict[str, FloatArray]] = field(default_factory=dict)

    def layer(self, name: str) -> Mapping[str, FloatArray]:
        """Weights of one layer."""
        return self.arrays.get(name, {})

    def network(self) -> Network:
        """The graph, with its edges in both directions."""
        complete = []
        for layer in self.layers.values():
            successors = tuple(o.name for o in self.layers.values() if layer.name in o.inputs)
            shapes = layer.output_shapes * max(len(successors), 1)
            complete.append(
                Layer(
                    **{**layer.__dict__, "outputs": successors, "output_shapes": shapes},
                )
            )
        return Network("resnet18", complete)

    def add(
        self, base: str, type_: str, inputs: tuple[str, ...], shape: Shape, **params: Any
    ) -> str:
        """Append a layer; returns its name."""
        name = f"resnet18/{base}"
        self.layers[name] = Layer(
            name,
            type_,
            inputs=inputs,
            input_shapes=tuple(self.layers[i].output_shapes[0] for i in inputs),
            output_shapes=(shape,),
            params=params,
        )
        return name

    def add_conv(
        self, base: str, source: str, size: int, stride: int, channels: int, shortcut: str = ""
    ) -> str:
        """Append a convolution with relu, or without for the 1x1 ones that match shortcuts."""
        height, width, fan_in = self.layers[source].output_shapes[0]
        name = self.add(
            base,
            "conv",
            (source, shortcut) if shortcut else (source,),
            (height // stride, width // stride, channels),
            kernel_shape=[size, size, fan_in, channels],
            strides=[1, stride, stride, 1],
            dilations=[1, 1, 1, 1],
            padding="SAME" if stride > 1 else "SAME_TENSORFLOW",
            groups=1,
            batch_norm=True,
            elementwise_add=bool(shortcut),
            activation="linear" if size == 1 else "relu",
        )
        spread = np.sqrt(2.0 / (size * size * fan_in))
        self.arrays[name] = {
            "kernel": self._normal((size, size, fan_in, channels), spread),
            "bias": self._normal((channels,), 0.1),
        }
        return name

    def _normal(self, shape: tuple[int, ...], spread: float) -> FloatArray:
        return (spread * self.random.standard_normal(shape)).astype(np.float32)

    def add_dense(self, base: str, source: str, channels: int) -> str:
        """Append a dense layer without activation."""
        fan_in = int(np.prod(self.layers[source].output_shapes[0]))
        name = self.add(
            base,
            "dense",
            (source,),
            (1, 1, channels),
            kernel_shape=[fan_in, channels],
            batch_norm=False,
            activation="linear",
        )
        self.arrays[name] = {
            "kernel": self._normal((fan_in, channels), np.sqrt(1.0 / fan_in)),
            "bias": self._normal((channels,), 0.1),
        }
        return name


def build_resnet18() -> ResNet18:
    """Layers and weights of the whole network."""
    net = ResNet18()
    net.add("input_layer1", "input_layer", (), IMAGE)
    last = net.add_conv("conv1", INPUT, 7, 2, STAGES[0])
    last = net.add(
        "maxpool1",
        "maxpool",
        (last,),
        (56, 56, STAGES[0]),
        kernel_shape=[1, 3, 3, 1],
        strides=[1, 2, 2, 1],
        padding="SAME",
        activation="linear",
    )
    for stage, channels in enumerate(STAGES):
        for block in range(2):
            last = _add_block(net, last, channels, stride=2 if stage and not block else 1)
    height, width, channels = net.layers[last].output_shapes[0]
    last = net.add(
        "avgpool1",
        "avgpool",
        (last,),
        (1, 1, channels),
        kernel_shape=[1, height, width, 1],
        strides=[1, height, width, 1],
        padding="VALID",
        activation="linear",
    )
    last = net.add_dense("fc1", last, CLASSES)
    net.add("output_layer1", "output_layer", (last,), (1, 1, CLASSES))
    return net


def _add_block(net: ResNet18, source: str, channels: int, stride: int) -> str:
    number = sum(layer.type == "conv" for layer in net.layers.values())
    shortcut = source
    if stride > 1:
        shortcut = net.add_conv(f"conv{number + 1}", source, 1, stride, channels)
        number += 1
    inner = net.add_conv(f"conv{number + 1}", source, 3, stride, channels)
    return net.add_conv(f"conv{number + 2}", inner, 3, 1, channels, shortcut)


def to_onnx(net: ResNet18) -> bytes:
    """The same network as a serialized ONNX model; its input is NCHW."""
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    for layer in net.layers.values():
        nodes += _nodes(layer, net.layer(layer.name), weights)
    height, width, channels = IMAGE
    graph = helper.make_graph(
        nodes,
        "resnet18",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", channels, height, width])],
        [
            helper.make_tensor_value_info(
                "resnet18/output_layer1", TensorProto.FLOAT, ["n", CLASSES]
            )
        ],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _nodes(
    layer: Layer, arrays: Mapping[str, FloatArray], weights: list[onnx.TensorProto]
) -> list[onnx.NodeProto]:
    names = [f"{layer.name}/{key}" for key in arrays]
    weights += [
        numpy_helper.from_array(_onnx_layout(array), name)
        for array, name in zip(arrays.values(), names, strict=True)
    ]
    if layer.type == "conv":
        return _conv_nodes(layer, names)
    if layer.type == "maxpool":
        attributes = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
        return [helper.make_node("MaxPool", layer.inputs, [layer.name], **attributes)]
    if layer.type == "avgpool":
        pooled = f"{layer.name}/pooled"
        return [
            helper.make_node("GlobalAveragePool", layer.inputs, [pooled]),
            helper.make_node("Flatten", [pooled], [layer.name]),
        ]
    if layer.type == "dense":
        return [helper.make_node("Gemm", [*layer.inputs, *names], [layer.name])]
    if layer.type == "output_layer":
        return [helper.make_node("Identity", layer.inputs, [layer.name])]
    return []


def _onnx_layout(array: FloatArray) -> FloatArray:
    return np.ascontiguousarray(array.transpose(3, 2, 0, 1)) if array.ndim == 4 else array


def _conv_nodes(layer: Layer, names: list[str]) -> list[onnx.NodeProto]:
    size = layer.params["kernel_shape"][0]
    tensor = f"{layer.name}/convolved"
    nodes = [
        helper.make_node(
            "Conv",
            [layer.inputs[0], *names],
            [tensor],
            kernel_shape=[size, size],
            strides=layer.params["strides"][1:3],
            pads=[size // 2] * 4,
        )
    ]
    if layer.params["elementwise_add"]:
        nodes.append(helper.make_node("Add", [tensor, layer.inputs[1]], [f"{layer.name}/added"]))
        tensor = f"{layer.name}/added"
    final = "Relu" if layer.activation == "relu" else "Identity"
    nodes.append(helper.make_node(final, [tensor], [layer.name]))
    return nodes
