"""Training of small networks in seconds, once for each; what was trained is kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.judgement.graphs import TrainableGraph
from utils.har.network import Layer

Array = NDArray[Any]
Loss = Callable[[Sequence[tf.Tensor], tf.Tensor], tf.Tensor]
Moments = dict[str, tuple[tf.Tensor, tf.Tensor]]

FLATTEST = 1e-5  # variance that batch normalization adds, as in PyTorch
FEWEST_FOR_MOMENTS = 512

ACTIVATIONS: Mapping[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "linear": lambda x: x,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "silu": tf.nn.silu,
    "hardswish": lambda x: x * tf.nn.relu6(x + 3) / 6,
    "leaky": lambda x: tf.nn.leaky_relu(x, 0.1),
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
}


def trained(
    graph: TrainableGraph,
    samples: Sequence[Array],
    truth: Array,
    loss: Loss,
    steps: int,
    kept: Path,
    rate: float = 3e-3,
    batch: int = 32,
) -> TrainableGraph:
    """The network with weights that minimize the loss; read from `kept` where that exists."""
    if kept.exists():
        with np.load(kept) as stored:
            for key in stored.files:
                name, _, suffix = key.rpartition("/")
                graph.arrays.setdefault(name, {})[suffix] = stored[key]
        return graph
    variables = _variables(graph)
    free = [v for by in variables.values() for v in by.values() if isinstance(v, tf.Variable)]
    rates = tf.keras.optimizers.schedules.CosineDecay(rate, max(steps, 1))
    optimizer = tf.keras.optimizers.Adam(rates)

    def step(inputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            found = _forward(graph, variables, inputs, {})
            worse = loss([found[name] for name in graph.outputs], wanted)
        slopes, _ = tf.clip_by_global_norm(tape.gradient(worse, free), 5.0)
        optimizer.apply_gradients(zip(slopes, free, strict=True))

    random, compiled = np.random.default_rng(0), tf.function(step)
    for _ in range(steps):
        chosen = random.integers(0, len(truth), batch)
        compiled(_tensors([x[chosen] for x in samples]), tf.constant(truth[chosen]))
    moments: Moments = {}
    _forward(graph, variables, _tensors([x[:FEWEST_FOR_MOMENTS] for x in samples]), moments)
    _fold(graph, variables, moments)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, **graph.weights())  # type: ignore[arg-type]
    return graph


def float_outputs(graph: TrainableGraph, samples: Sequence[Array]) -> list[Array]:
    """What the network computes in float, one array for each output."""
    weights = {n: {k: tf.constant(a) for k, a in by.items()} for n, by in graph.arrays.items()}
    found = []
    for start in range(0, len(samples[0]), 128):
        inputs = _tensors([x[start : start + 128] for x in samples])
        tensors = _forward(graph, weights, inputs, None)
        found.append([tensors[name].numpy() for name in graph.outputs])
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def _tensors(arrays: Sequence[Array]) -> list[tf.Tensor]:
    return [tf.constant(np.asarray(array, np.float32)) for array in arrays]


def _variables(graph: TrainableGraph) -> dict[str, dict[str, tf.Tensor]]:
    made: dict[str, dict[str, tf.Tensor]] = {}
    for name, arrays in graph.arrays.items():
        is_fixed = name in graph.fixed or "epsilon" in arrays
        hold = tf.constant if is_fixed else tf.Variable
        made[name] = {key: hold(array) for key, array in arrays.items()}
        if name in graph.batch_normalized:
            made[name]["gamma"] = tf.Variable(np.ones(arrays["bias"].shape, np.float32))
    return made


def _fold(
    graph: TrainableGraph, variables: Mapping[str, Mapping[str, tf.Tensor]], moments: Moments
) -> None:
    for name, by_key in variables.items():
        arrays = {key: np.asarray(value) for key, value in by_key.items()}
        if name in moments:
            mean, spread = map(np.asarray, moments[name])
            factor = arrays.pop("gamma") / spread
            is_depthwise = graph.layers[name].type == "dw"
            arrays["kernel"] = arrays["kernel"] * (factor[:, None] if is_depthwise else factor)
            arrays["bias"] = arrays["bias"] - mean * factor
        graph.arrays[name] = {k: np.asarray(a, np.float32) for k, a in arrays.items()}


def _forward(
    graph: TrainableGraph,
    weights: Mapping[str, Mapping[str, tf.Tensor]],
    inputs: Sequence[tf.Tensor],
    moments: Moments | None,
) -> dict[str, tf.Tensor]:
    """All tensors by layer; with `moments` batch normalization is at work, and fills them."""
    given = dict(zip(graph.inputs, inputs, strict=True))
    found: dict[str, tf.Tensor] = {}
    for name, layer in graph.layers.items():
        if name in given:
            found[name] = given[name]
            continue
        own = weights.get(name, {})
        value = _operation(layer, own, [found[source] for source in layer.inputs])
        if layer.type in ("conv", "dw", "dense"):
            if moments is not None and name in graph.batch_normalized:
                mean, variance = tf.nn.moments(value, [0, 1, 2])
                spread = tf.sqrt(variance + FLATTEST)
                moments[name] = (mean, spread)
                value = (value - mean) / spread * own["gamma"]
            value = ACTIVATIONS[layer.params["activation"]](value + own["bias"])
        found[name] = value
    return found


def _operation(
    layer: Layer, weights: Mapping[str, tf.Tensor], inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    simple = _SIMPLE.get(layer.type)
    if simple is not None:
        return simple(inputs)
    return _WITH_PARAMETERS[layer.type](layer, weights, inputs)


def _padded(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """With zeros on all sides, so that a stride of 1 keeps the size of a map."""
    if layer.params["padding"] == "VALID":
        return tensor
    height, width = (size // 2 for size in layer.params["kernel_shape"][:2])
    return tf.pad(tensor, [[0, 0], [height, height], [width, width], [0, 0]])


def _dense(layer: Layer, weights: Mapping[str, tf.Tensor], inputs: Sequence[tf.Tensor]) -> Any:
    kernel = weights["kernel"]
    flat = tf.reshape(inputs[0], (tf.shape(inputs[0])[0], kernel.shape[0]))
    return tf.matmul(flat, kernel)[:, None, None, :]


def _layer_normalization(
    layer: Layer, weights: Mapping[str, tf.Tensor], inputs: Sequence[tf.Tensor]
) -> Any:
    mean, variance = tf.nn.moments(inputs[0], [3], keepdims=True)
    return (inputs[0] - mean) / tf.sqrt(variance + weights["epsilon"])


def _matmul(layer: Layer, weights: Mapping[str, tf.Tensor], inputs: Sequence[tf.Tensor]) -> Any:
    left, right = (tf.stack(tf.split(x, layer.params["groups"], -1), 1) for x in inputs)
    product = tf.matmul(left, right, transpose_b=layer.params["transpose_matmul_input"])
    return tf.concat(tf.unstack(product, axis=1), -1)


def _softmax(layer: Layer, weights: Mapping[str, tf.Tensor], inputs: Sequence[tf.Tensor]) -> Any:
    parts = tf.split(inputs[0], layer.params.get("groups", 1), -1)
    return tf.concat([tf.nn.softmax(part) for part in parts], -1)


_SIMPLE: Mapping[str, Callable[[Sequence[tf.Tensor]], tf.Tensor]] = {
    "output_layer": lambda x: x[0],
    "maxpool": lambda x: tf.nn.max_pool2d(x[0], 2, 2, "VALID"),
    "avgpool": lambda x: tf.reduce_mean(x[0], [1, 2], keepdims=True),
    "ew_add": lambda x: x[0] + x[1],
    "ew_mult": lambda x: x[0] * x[1],
    "concat": lambda x: tf.concat(x, -1),
    "resize": lambda x: tf.repeat(tf.repeat(x[0], 2, 1), 2, 2),
}
_WITH_PARAMETERS: Mapping[str, Callable[..., tf.Tensor]] = {
    "normalization": lambda layer, w, x: x[0] * tf.reshape(w["kernel"], (-1,)) + w["bias"],
    "conv": lambda layer, w, x: tf.nn.conv2d(
        _padded(layer, x[0]), w["kernel"], layer.params["strides"], "VALID"
    ),
    "dw": lambda layer, w, x: tf.nn.depthwise_conv2d(
        _padded(layer, x[0]), w["kernel"], layer.params["strides"], "VALID"
    ),
    "dense": _dense,
    "format_conversion": lambda layer, w, x: tf.reshape(x[0], (-1, *layer.output_shapes[0])),
    "const_input": lambda layer, w, x: w["const_data"][None],
    "layer_normalization": _layer_normalization,
    "matmul": _matmul,
    "softmax": _softmax,
}
