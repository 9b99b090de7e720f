"""Small networks for the engine, and the same networks as ONNX models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.fixtures.builders import build_layer, build_network, build_parameters
from utils.emulator.floats.engine import FloatEmulator
from utils.har.network import Layer, Network, Shape

FloatArray = NDArray[np.float32]
Arrays = dict[str, Any]


def weights(*shape: int, seed: int = 0) -> FloatArray:
    """Random weights that keep values at about size 1."""
    values = np.random.default_rng(seed).standard_normal(shape) / np.sqrt(np.prod(shape[:-1]))
    return np.asarray(values, np.float32)


def images(samples: int, *shape: int, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((samples, *shape)).astype(np.float32)


def conv(
    name: str, inputs: Sequence[str], shape: Shape, fan_in: int, kernel: int = 3, **params: Any
) -> Layer:
    """A conv or dw of stride 1 that keeps the size of the image."""
    defaults: dict[str, Any] = {
        "kernel_shape": [kernel, kernel, fan_in, shape[2]],
        "strides": [1, 1, 1, 1],
        "dilations": [1, 1, 1, 1],
        "padding": "SAME_TENSORFLOW",
        "activation": "relu",
    }
    return build_layer(name, inputs=inputs, shape=shape, **{**defaults, **params})


def pool(name: str, inputs: Sequence[str], shape: Shape, size: int = 2) -> Layer:
    return build_layer(
        name,
        inputs=inputs,
        shape=shape,
        kernel_shape=[1, size, size, 1],
        strides=[1, size, size, 1],
        padding="VALID",
    )


def splitter(name: str, inputs: Sequence[str], shapes: Sequence[Shape]) -> Layer:
    layer = build_layer(name, type="feature_splitter", inputs=inputs)
    return Layer(**{**layer.__dict__, "output_shapes": tuple(shapes)})


def emulator_of(
    layers: Sequence[Layer],
    arrays: Arrays,
    activation_parameters: Mapping[str, float] | None = None,
) -> FloatEmulator:
    network = build_network(layers)
    return FloatEmulator(network, build_parameters(arrays, network), activation_parameters)


def branched_layers() -> list[Layer]:
    """Two inputs, a splitter, an added shortcut, a concat, two outputs.

    input_layer1 -> conv1 -> feature_splitter1 -> conv2 (+ conv1) ---------------> concat1 -> output
                                               -> dw1 ---------------------------> concat1
    input_layer2 ----------------------------------------------------------------> concat1
                                                  concat1 -> maxpool1 -> fc1 -> output
    """
    return [
        build_layer("input_layer1", shape=(8, 6, 3)),
        build_layer("input_layer2", shape=(8, 6, 2)),
        conv("conv1", ["input_layer1"], (8, 6, 7), fan_in=3),
        splitter("feature_splitter1", ["conv1"], [(8, 6, 3), (8, 6, 4)]),
        conv(
            "conv2",
            ["feature_splitter1", "conv1"],
            (8, 6, 7),
            fan_in=3,
            elementwise_add=True,
            activation="relu6",
        ),
        conv("dw1", ["feature_splitter1"], (8, 6, 4), fan_in=4, activation="sigmoid"),
        build_layer("concat1", inputs=["conv2", "dw1", "input_layer2"], shape=(8, 6, 13)),
        pool("maxpool1", ["concat1"], (4, 3, 13)),
        build_layer("fc1", "dense", inputs=["maxpool1"], shape=(1, 1, 5), activation="tanh"),
        build_layer("output_layer1", inputs=["fc1"], shape=(1, 1, 5)),
        build_layer("output_layer2", inputs=["concat1"], shape=(8, 6, 13)),
    ]


def branched_arrays() -> Arrays:
    return {
        "conv1/kernel": weights(3, 3, 3, 7),
        "conv1/bias": weights(7, seed=1),
        "conv2/kernel": weights(3, 3, 3, 7, seed=2),
        "conv2/bias": weights(7, seed=3),
        "dw1/kernel": weights(3, 3, 4, 1, seed=4),
        "dw1/bias": weights(4, seed=5),
        "fc1/kernel": weights(4 * 3 * 13, 5, seed=6),
        "fc1/bias": weights(5, seed=7),
    }


def branched_emulator() -> FloatEmulator:
    return emulator_of(branched_layers(), branched_arrays())


def branched_batch(samples: int) -> dict[str, FloatArray]:
    return {
        "net/input_layer1": images(samples, 8, 6, 3),
        "net/input_layer2": images(samples, 8, 6, 2, seed=2),
    }


def branched_in_onnx(batch: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Both outputs of the branched network, computed by onnxruntime."""
    arrays = branched_arrays()
    dense = arrays["fc1/kernel"]
    constants = {
        **{key: value for key, value in arrays.items() if value.ndim == 1},
        "conv1/kernel": arrays["conv1/kernel"].transpose(3, 2, 0, 1),
        "conv2/kernel": arrays["conv2/kernel"].transpose(3, 2, 0, 1),
        "dw1/kernel": arrays["dw1/kernel"].transpose(2, 3, 0, 1),
        # The archive flattens H, W, C; ONNX flattens C, H, W.
        "fc1/kernel": dense.reshape(4, 3, 13, 5).transpose(2, 0, 1, 3).reshape(-1, 5),
        "sizes": np.array([3, 4]),
        "zero": np.float32(0),
        "six": np.float32(6),
    }
    node, pads = helper.make_node, [1, 1, 1, 1]
    nodes = [
        node("Conv", ["in1", "conv1/kernel", "conv1/bias"], ["c1"], pads=pads),
        node("Relu", ["c1"], ["r1"]),
        node("Split", ["r1", "sizes"], ["s1", "s2"], axis=1),
        node("Conv", ["s1", "conv2/kernel", "conv2/bias"], ["c2"], pads=pads),
        node("Add", ["c2", "r1"], ["a2"]),
        node("Clip", ["a2", "zero", "six"], ["r2"]),
        node("Conv", ["s2", "dw1/kernel", "dw1/bias"], ["d1"], pads=pads, group=4),
        node("Sigmoid", ["d1"], ["r3"]),
        node("Concat", ["r2", "r3", "in2"], ["joined"], axis=1),
        node("MaxPool", ["joined"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["pooled"], ["flat"]),
        node("Gemm", ["flat", "fc1/kernel", "fc1/bias"], ["g"]),
        node("Tanh", ["g"], ["out"]),
    ]
    inputs = {
        "in1": batch["net/input_layer1"].transpose(0, 3, 1, 2),
        "in2": batch["net/input_layer2"].transpose(0, 3, 1, 2),
    }
    out, joined = _run(nodes, constants, inputs, ["out", "joined"])
    return {
        "net/output_layer1": out[:, np.newaxis, np.newaxis, :],
        "net/output_layer2": joined.transpose(0, 2, 3, 1),
    }


def _run(
    nodes: Sequence[Any], constants: Arrays, inputs: Arrays, outputs: Sequence[str]
) -> list[Any]:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(np.ascontiguousarray(a), n) for n, a in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found = session.run(list(outputs), {n: np.ascontiguousarray(a) for n, a in inputs.items()})
    return list(found)


def filled_parameters(network: Network) -> Any:
    """Random weights for every layer of a graph that came without."""

    class Filled:
        def layer(self, name: str) -> Arrays:
            layer = network[name]
            channels = layer.output_shape[2]
            if layer.type == "normalization":
                return {
                    "kernel": np.ones((1, 1, channels, 1), np.float32),
                    "bias": np.zeros(channels, np.float32),
                }
            if "kernel_shape" not in layer.params or layer.type.endswith("pool"):
                return {}
            return {
                "kernel": weights(*layer.params["kernel_shape"]),
                "bias": np.zeros(channels, np.float32),
            }

    return Filled()
