"""The same network in ONNX, whose bare forward pass ours is compared with; its input is NCHW."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.float_graph import FloatGraph
from utils.har.network import Layer

FloatArray = NDArray[np.float32]
Nodes = list[onnx.NodeProto]
OPSET, IR_VERSION = 17, 8


class _Graph:
    """Nodes and weights as they are collected."""

    def __init__(self) -> None:
        self.nodes: Nodes = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, type_: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(type_, inputs, [output], **attributes))
        return output

    def constant(self, name: str, array: FloatArray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def to_onnx(net: FloatGraph) -> bytes:
    """The network as a serialized ONNX model."""
    graph = _Graph()
    for layer in net.layers.values():
        if layer.type != "input_layer":
            _BUILDERS[layer.type](graph, layer, net.layer(layer.name))
    height, width, channels = net.image
    shape = ["n", channels, height, width]
    outputs = [layer.name for layer in net.layers.values() if layer.type == "output_layer"]
    made = helper.make_graph(
        graph.nodes,
        net.name,
        [helper.make_tensor_value_info(net.input_name, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        graph.weights,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    return bytes(model.SerializeToString())


def _convolution(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    height, width = layer.params["kernel_shape"][:2]
    kernel = arrays["kernel"].transpose(3, 2, 0, 1)
    if layer.type == "dw":  # (height, width, channels, 1)
        kernel = arrays["kernel"].transpose(2, 3, 0, 1)
    weights = [
        graph.constant(f"{layer.name}/kernel", kernel),
        graph.constant(f"{layer.name}/bias", arrays["bias"]),
    ]
    stride = layer.params["strides"][1]
    pads = [height // 2, width // 2] * 2 if stride == 1 or height % 2 else [0] * 4
    tensor = graph.add(
        "Conv",
        [layer.inputs[0], *weights],
        f"{layer.name}/convolved",
        kernel_shape=[height, width],
        strides=[stride, stride],
        pads=pads,
        group=kernel.shape[0] if layer.type == "dw" else 1,
    )
    if layer.params.get("elementwise_add"):
        tensor = graph.add("Add", [tensor, layer.inputs[1]], f"{layer.name}/added")
    _activated(graph, layer, tensor)


def _activated(graph: _Graph, layer: Layer, tensor: str) -> None:
    if layer.activation == "silu":
        gate = graph.add("Sigmoid", [tensor], f"{layer.name}/gate")
        graph.add("Mul", [tensor, gate], layer.name)
    elif layer.activation == "relu6":
        limits = [
            graph.constant(f"{layer.name}/{key}", np.array(value, np.float32))
            for key, value in (("low", 0.0), ("high", 6.0))
        ]
        graph.add("Clip", [tensor, *limits], layer.name)
    else:
        type_ = {"relu": "Relu", "sigmoid": "Sigmoid", "linear": "Identity"}[layer.activation]
        graph.add(type_, [tensor], layer.name)


def _dense(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    flat = graph.add("Flatten", [layer.inputs[0]], f"{layer.name}/flat")
    names = [graph.constant(f"{layer.name}/{key}", arrays[key]) for key in ("kernel", "bias")]
    _activated(graph, layer, graph.add("Gemm", [flat, *names], f"{layer.name}/product"))


def _normalization(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    names = [
        graph.constant(f"{layer.name}/{key}", arrays[key].reshape(1, -1, 1, 1))
        for key in ("kernel", "bias")
    ]
    scaled = graph.add("Mul", [layer.inputs[0], names[0]], f"{layer.name}/scaled")
    graph.add("Add", [scaled, names[1]], layer.name)


def _maxpool(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    size, stride = layer.params["kernel_shape"][1], layer.params["strides"][1]
    graph.add(
        "MaxPool",
        list(layer.inputs),
        layer.name,
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=[size // 2] * 4,
    )


def _average(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    graph.add("GlobalAveragePool", list(layer.inputs), layer.name)


def _concat(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    graph.add("Concat", list(layer.inputs), layer.name, axis=1)


def _sum(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    graph.add("Add", list(layer.inputs), layer.name)


def _resize(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    scales = graph.constant(f"{layer.name}/scales", np.array([1, 1, 2, 2], np.float32))
    graph.add(
        "Resize",
        [layer.inputs[0], "", scales],
        layer.name,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _output(graph: _Graph, layer: Layer, arrays: Mapping[str, FloatArray]) -> None:
    del arrays
    graph.add("Identity", list(layer.inputs), layer.name)


_BUILDERS: dict[str, Callable[[_Graph, Layer, Mapping[str, FloatArray]], None]] = {
    "conv": _convolution,
    "dw": _convolution,
    "dense": _dense,
    "normalization": _normalization,
    "maxpool": _maxpool,
    "avgpool": _average,
    "concat": _concat,
    "ew_add": _sum,
    "resize": _resize,
    "output_layer": _output,
}
