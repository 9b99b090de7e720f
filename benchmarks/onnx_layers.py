"""Layers in ONNX, as exporters of the usual frameworks write them.

Images are (n, channels, height, width). Behind a spatial_flatten there are tokens, (n, tokens,
channels), so that linear maps become plain matrix products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from benchmarks.float_graph import FloatArray, FloatGraph
from utils.har.network import Layer


@dataclass
class Nodes:
    """Nodes and weights as they are collected.

    Parameters
    ----------
    net : the network that becomes ONNX.
    tokens : names of the layers whose tensors are (n, tokens, channels).
    """

    net: FloatGraph
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def add(self, type_: str, inputs: list[str], output: str, **attributes: object) -> str:
        """Append a node; returns the name of its output."""
        self.nodes.append(helper.make_node(type_, inputs, [output], **attributes))
        return output

    def constant(self, name: str, array: FloatArray | NDArray[np.int64]) -> str:
        """Append a constant tensor; returns its name."""
        # ascontiguousarray would give single numbers an axis.
        self.weights.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def stored(self, layer: Layer, key: str, *shape: int) -> str:
        """An array of the layer, in another shape if one is given."""
        array = self.net.layer(layer.name)[key]
        return self.constant(f"{layer.name}/{key}", array.reshape(shape) if shape else array)

    def reshaped(self, source: str, output: str, *shape: int) -> str:
        """Append a reshape, as ONNX defines its sizes; returns the name of its output."""
        sizes = self.constant(f"{output}/shape", np.array(shape, np.int64))
        return self.add("Reshape", [source, sizes], output)


def _convolution(nodes: Nodes, layer: Layer) -> None:
    if layer.inputs[0] in nodes.tokens:
        _linear(nodes, layer)
        return
    height, width = layer.params["kernel_shape"][:2]
    # (height, width, in, out), or (height, width, channels, 1)
    axes = (2, 3, 0, 1) if layer.type == "dw" else (3, 2, 0, 1)
    kernel = nodes.net.layer(layer.name)["kernel"].transpose(axes)
    weights = [nodes.constant(f"{layer.name}/kernel", kernel), nodes.stored(layer, "bias")]
    tensor = nodes.add(
        "Conv",
        [layer.inputs[0], *weights],
        f"{layer.name}/convolved",
        kernel_shape=[height, width],
        strides=layer.params["strides"][1:3],
        pads=_pads(layer, height, width),
        group=len(kernel) if layer.type == "dw" else 1,
    )
    if layer.params["elementwise_add"]:
        tensor = nodes.add("Add", [tensor, layer.inputs[1]], f"{layer.name}/added")
    _activated(nodes, layer, tensor)


def _pads(layer: Layer, height: int, width: int) -> list[int]:
    """As many zeros on each side as keep the size of the image, or none."""
    return [0] * 4 if layer.params["padding"] == "VALID" else [height // 2, width // 2] * 2


def _linear(nodes: Nodes, layer: Layer) -> None:
    """A convolution of one pixel, over tokens."""
    kernel = nodes.stored(layer, "kernel", *layer.params["kernel_shape"][2:])
    product = nodes.add("MatMul", [layer.inputs[0], kernel], f"{layer.name}/product")
    bias = nodes.stored(layer, "bias")
    _activated(nodes, layer, nodes.add("Add", [product, bias], f"{layer.name}/sum"))
    nodes.tokens.add(layer.name)


def _dense(nodes: Nodes, layer: Layer) -> None:
    """A product over a tensor that lies channels first; the archive's kernel has them last."""
    flat = nodes.add("Flatten", [layer.inputs[0]], f"{layer.name}/flat")
    kernel = nodes.net.layer(layer.name)["kernel"]
    by_place = kernel.reshape(*layer.input_shapes[0], -1).transpose(2, 0, 1, 3)
    weights = nodes.constant(f"{layer.name}/kernel", by_place.reshape(kernel.shape))
    arrays = [weights, nodes.stored(layer, "bias")]
    _activated(nodes, layer, nodes.add("Gemm", [flat, *arrays], f"{layer.name}/product"))


def _activated(nodes: Nodes, layer: Layer, tensor: str) -> None:
    if layer.activation == "silu":
        gate = nodes.add("Sigmoid", [tensor], f"{layer.name}/gate")
        nodes.add("Mul", [tensor, gate], layer.name)
    elif layer.activation == "relu6":
        limits = [
            nodes.constant(f"{layer.name}/{key}", np.array(value, np.float32))
            for key, value in (("low", 0.0), ("high", 6.0))
        ]
        nodes.add("Clip", [tensor, *limits], layer.name)
    elif layer.activation == "gelu":
        _gelu(nodes, layer.name, tensor)
    else:
        type_ = {"relu": "Relu", "sigmoid": "Sigmoid", "linear": "Identity"}[layer.activation]
        nodes.add(type_, [tensor], layer.name)


def _gelu(nodes: Nodes, name: str, tensor: str) -> None:
    """X * (1 + erf(x / sqrt(2))) / 2, in the steps that onnxruntime joins into one."""
    root, one, half = (
        nodes.constant(f"{name}/{key}", np.array(value, np.float32))
        for key, value in (("root", np.sqrt(2.0)), ("one", 1.0), ("half", 0.5))
    )
    error = nodes.add("Erf", [nodes.add("Div", [tensor, root], f"{name}/divided")], f"{name}/erf")
    raised = nodes.add("Add", [error, one], f"{name}/raised")
    nodes.add("Mul", [nodes.add("Mul", [tensor, raised], f"{name}/doubled"), half], name)


def _normalization(nodes: Nodes, layer: Layer) -> None:
    (source,) = layer.inputs
    if nodes.net.layers[source].type == "layer_normalization":
        _layer_normalization(nodes, layer)
        return
    kernel, bias = (nodes.stored(layer, key, 1, -1, 1, 1) for key in ("kernel", "bias"))
    scaled = nodes.add("Mul", [source, kernel], f"{layer.name}/scaled")
    nodes.add("Add", [scaled, bias], layer.name)


def _layer_normalization(nodes: Nodes, layer: Layer) -> None:
    """Both layers as one node: the archive holds scale and offset in a layer of its own."""
    centred = nodes.net.layers[layer.inputs[0]]
    kernel, bias = nodes.stored(layer, "kernel", -1), nodes.stored(layer, "bias")
    epsilon = float(nodes.net.layer(centred.name)["epsilon"])
    source = [centred.inputs[0], kernel, bias]
    nodes.add("LayerNormalization", source, layer.name, axis=-1, epsilon=epsilon)
    nodes.tokens.add(layer.name)


def _part_of_the_next(nodes: Nodes, layer: Layer) -> None:
    """Nothing: what comes behind makes the node for both."""


def _maxpool(nodes: Nodes, layer: Layer) -> None:
    size, stride = layer.params["kernel_shape"][1], layer.params["strides"][1]
    nodes.add(
        "MaxPool",
        list(layer.inputs),
        layer.name,
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=_pads(layer, size, size),
    )


def _average(nodes: Nodes, layer: Layer) -> None:
    if layer.inputs[0] in nodes.tokens:
        nodes.add("ReduceMean", list(layer.inputs), layer.name, axes=[1])
    else:
        nodes.add("GlobalAveragePool", list(layer.inputs), layer.name)


def _concat(nodes: Nodes, layer: Layer) -> None:
    nodes.add("Concat", list(layer.inputs), layer.name, axis=1)


def _sum(nodes: Nodes, layer: Layer) -> None:
    _activated(nodes, layer, nodes.add("Add", list(layer.inputs), f"{layer.name}/sum"))
    if layer.inputs[0] in nodes.tokens:
        nodes.tokens.add(layer.name)


def _resize(nodes: Nodes, layer: Layer) -> None:
    scales = nodes.constant(f"{layer.name}/scales", np.array([1, 1, 2, 2], np.float32))
    nodes.add(
        "Resize",
        [layer.inputs[0], "", scales],
        layer.name,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _tokens(nodes: Nodes, layer: Layer) -> None:
    """The pixels of an image in a row."""
    channels = layer.output_shape[2]
    row = nodes.reshaped(layer.inputs[0], f"{layer.name}/row", 0, channels, -1)
    nodes.add("Transpose", [row], layer.name, perm=[0, 2, 1])
    nodes.tokens.add(layer.name)


def _constant(nodes: Nodes, layer: Layer) -> None:
    """Tokens that are the same for every sample."""
    nodes.constant(layer.name, nodes.net.layer(layer.name)["const_data"])


def _attention_product(nodes: Nodes, layer: Layer) -> None:
    """Queries times keys gives scores (n, heads, tokens, tokens); shares times values, tokens."""
    left, right = layer.inputs
    if layer.params["transpose_matmul_input"]:
        queries, keys = _heads(nodes, layer, left, [0, 2, 1, 3]), [0, 2, 3, 1]
        nodes.add("MatMul", [queries, _heads(nodes, layer, right, keys)], layer.name)
        return
    values = _heads(nodes, layer, right, [0, 2, 1, 3])
    product = nodes.add("MatMul", [left, values], f"{layer.name}/product")
    joined = nodes.add("Transpose", [product], f"{layer.name}/joined", perm=[0, 2, 1, 3])
    nodes.reshaped(joined, layer.name, 0, 0, layer.output_shape[2])
    nodes.tokens.add(layer.name)


def _heads(nodes: Nodes, layer: Layer, source: str, order: list[int]) -> str:
    """Tokens as (n, tokens, heads, depth), with these axes in another order."""
    name = f"{layer.name}/{source}"
    split = nodes.reshaped(source, f"{name}/heads", 0, 0, layer.params["groups"], -1)
    return nodes.add("Transpose", [split], f"{name}/ordered", perm=order)


def _softmax(nodes: Nodes, layer: Layer) -> None:
    """Over the scores of one head, which are the last axis."""
    nodes.add("Softmax", list(layer.inputs), layer.name, axis=-1)


def _output(nodes: Nodes, layer: Layer) -> None:
    nodes.add("Identity", list(layer.inputs), layer.name)


BUILDERS: dict[str, Callable[[Nodes, Layer], None]] = {
    "conv": _convolution,
    "dw": _convolution,
    "dense": _dense,
    "normalization": _normalization,
    "layer_normalization": _part_of_the_next,
    "maxpool": _maxpool,
    "avgpool": _average,
    "concat": _concat,
    "ew_add": _sum,
    "matmul": _attention_product,
    "softmax": _softmax,
    "resize": _resize,
    "format_conversion": _tokens,
    "const_input": _constant,
    "output_layer": _output,
}
