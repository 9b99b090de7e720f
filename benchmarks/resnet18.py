"""A ResNet-18 at 224x224 with random weights, as an HN graph and as the same network in ONNX."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.float_graph import FloatGraph
from utils.har.network import Layer, Shape

IMAGE: Shape = (224, 224, 3)
CLASSES = 1000
STAGES = (64, 128, 256, 512)  # channels; two blocks each
INPUT = "resnet18/input_layer1"

FloatArray = NDArray[np.float32]


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


def to_onnx(net: FloatGraph) -> bytes:
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
