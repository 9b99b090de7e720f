"""Three float networks in good health: a classifier, a transformer, a detector of many outputs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.float_graph import FloatArray, FloatGraph
from tests.settled_weights import Spread, settle_weights
from utils.har.network import Layer, Network, Shape

IMAGE = (64, 64, 3)
# The recipe that most networks trained on ImageNet use, as model scripts give it.
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
CLASSES, BOX_CHANNELS, BOX_CLASSES = 6, 64, 10
ATTENTION_HEADS, TOKENS, WIDTH = 3, 16, 48
PATCH = 16
BOXES, SCORES = Spread(reach=8.0), Spread(reach=2.0, mean=-0.5)
# The division of the scores by the root of the depth is part of the queries' weights.
QUERIES, KEYS, VALUES = Spread(reach=1.0), Spread(reach=1.0), Spread(reach=3.0)


@dataclass
class CleanNetwork:
    """A network while it is put together.

    Parameters
    ----------
    graph : layers, with random weights until `settled`.
    heads : where the sums of layers without batch normalization lie, by name of the layer.
    """

    graph: FloatGraph
    heads: dict[str, Spread] = field(default_factory=dict)

    @classmethod
    def named(cls, name: str, seed: int) -> CleanNetwork:
        """A network that begins with images and their normalization on the chip."""
        graph = FloatGraph(name, np.random.default_rng(seed))
        source = graph.add("input_layer1", "input_layer", (), IMAGE)
        name = graph.add("normalization1", "normalization", (source,), IMAGE, activation="linear")
        kernel = np.asarray(1.0 / np.array(STD), dtype=np.float32)
        bias = np.asarray(-np.array(MEAN) / STD, dtype=np.float32)
        graph.arrays[name] = {"kernel": kernel.reshape(1, 1, -1, 1), "bias": bias}
        return cls(graph)

    @property
    def last(self) -> str:
        """Name of the layer that was added last."""
        return next(reversed(self.graph.layers))

    def head(self, name: str, spread: Spread) -> str:
        """Declare a layer to have no batch normalization; returns its name."""
        self.heads[name] = spread
        return name

    def add_output(self, source: str) -> None:
        """Append the next output layer."""
        number = 1 + sum(layer.type == "output_layer" for layer in self.graph.layers.values())
        shape = self.graph.shape(source)
        self.graph.add(f"output_layer{number}", "output_layer", (source,), shape)

    def settled(self, images: FloatArray) -> FloatGraph:
        """The network with weights that fit these images; image i shows class i % CLASSES."""
        settle_weights(self.graph, images, self.heads, CLASSES)
        return self.graph


def without_normalization(network: Network) -> Network:
    """The graph as it was parsed: the model script adds the normalization of the images."""
    added = network[f"{network.name}/normalization1"]

    def reconnected(layer: Layer) -> Layer:
        inputs = (added.inputs[0] if name == added.name else name for name in layer.inputs)
        outputs = (added.outputs[0] if name == added.name else name for name in layer.outputs)
        return replace(layer, inputs=tuple(inputs), outputs=tuple(outputs))

    return Network(network.name, [reconnected(x) for x in network if x.name != added.name])


def classifier() -> CleanNetwork:
    """Residual blocks, one of them with a fused addition, squeeze and excitation, softmax."""
    made = CleanNetwork.named("clean_cnn", seed=3)
    net = made.graph
    last = net.add_conv("conv1", made.last, 3, 16, stride=2)
    last = net.add_conv("conv2", last, 3, 24, stride=2)
    branch = net.add_conv("conv3", last, 3, 24)
    last = net.add_conv("conv4", branch, 3, 24, shortcut=last)
    last = net.add_conv("conv5", last, 3, 32, stride=2)
    branch = net.add_conv("conv6", last, 3, 32)
    branch = net.add_conv("conv7", branch, 3, 32, activation="linear")
    last = net.add("ew_add1", "ew_add", (last, branch), net.shape(last), activation="relu")
    last = net.add_conv("conv8", last, 3, 48, stride=2)
    last = _excited(net, last)
    last = net.add_conv("conv11", last, 1, 64)
    last = net.add_pool("avgpool2", "avgpool", last, 4, 4)
    last = net.add_dense("fc1", last, CLASSES)
    last = net.add("softmax1", "softmax", (last,), net.shape(last), groups=1)
    made.add_output(last)
    return made


def _excited(net: FloatGraph, source: str) -> str:
    """Squeeze and excitation: every channel times a gate that the whole image decides."""
    height, width, channels = shape = net.shape(source)
    gate = net.add_pool("avgpool1", "avgpool", source, height, height)
    gate = net.add_conv("conv9", gate, 1, channels // 4)
    gate = net.add_conv("conv10", gate, 1, channels, activation="sigmoid")
    repeats = [[1, 1, 1], [height, width, 1]]
    return net.add(
        "ew_mult1", "ew_mult", (source, gate), shape, input_repeats=repeats, activation="linear"
    )


def detector() -> CleanNetwork:
    """Three scales, each with boxes as 64 numbers and a score per class; all outputs apart."""
    made = CleanNetwork.named("clean_detector", seed=4)
    net = made.graph
    last = made.last
    channels = (16, 24, 32, 48, 64)
    scales = []
    for number, width in enumerate(channels, start=1):
        last = net.add_conv(f"conv{number}", last, 3, width, stride=2, activation="silu")
        scales.append(last)
    fine, middle, coarse = scales[-3:]
    enlarged = _doubled(net, coarse)
    height, width, _ = net.shape(middle)
    shape = (height, width, net.shape(enlarged)[2] + net.shape(middle)[2])
    joined = net.add("concat1", "concat", (enlarged, middle), shape, spatial_w_concat=False)
    middle = net.add_conv("conv6", joined, 1, 48, activation="silu")
    for index, scale in enumerate((fine, middle, coarse)):
        _add_scale(made, scale, first=7 + 4 * index)
    return made


def _doubled(net: FloatGraph, source: str) -> str:
    height, width, channels = net.shape(source)
    return net.add(
        "resize1",
        "resize",
        (source,),
        (2 * height, 2 * width, channels),
        method="nearest_neighbor",
        resize_h_ratio_list=[2.0],
        resize_w_ratio_list=[2.0],
        resize_bilinear_pixels_mode="disabled",
    )


def _add_scale(made: CleanNetwork, source: str, first: int) -> None:
    """Boxes and scores, each behind two convolutions, which are numbered from `first`."""
    net, channels = made.graph, made.graph.shape(source)[2]
    for number, leaving, activation, spread in (
        (first, BOX_CHANNELS, "linear", BOXES),
        (first + 2, BOX_CLASSES, "sigmoid", SCORES),
    ):
        last = net.add_conv(f"conv{number}", source, 3, channels, activation="silu")
        last = net.add_conv(f"conv{number + 1}", last, 1, leaving, activation=activation)
        made.add_output(made.head(last, spread))


def transformer() -> CleanNetwork:
    """Patches, two blocks of attention and perceptron with residual sums, a pooled head."""
    made = CleanNetwork.named("clean_transformer", seed=5)
    net = made.graph
    last = net.add_conv("conv1", made.last, PATCH, WIDTH, stride=PATCH, activation="linear")
    shape = (1, TOKENS, WIDTH)
    kind = "spatial_flatten"
    last = net.add("format_conversion1", "format_conversion", (last,), shape, conversion_type=kind)
    for block in range(2):
        last = _with_attention(made, last, block)
        last = _with_perceptron(net, last, block)
    last = _layer_normalized(net, last, 5)
    size = [1, 1, TOKENS, 1]
    last = net.add(
        "avgpool1",
        "avgpool",
        (last,),
        (1, 1, WIDTH),
        kernel_shape=size,
        strides=size,
        padding="VALID",
        activation="linear",
    )
    made.add_output(net.add_dense("fc1", last, CLASSES))
    return made


def _with_attention(made: CleanNetwork, source: str, block: int) -> str:
    net, shape, first = made.graph, (1, TOKENS, WIDTH), 2 + 6 * block
    tokens = _layer_normalized(net, source, 2 * block + 1)
    queries, keys, values = (
        made.head(net.add_conv(f"conv{first + i}", tokens, 1, WIDTH, activation="linear"), spread)
        for i, spread in enumerate((QUERIES, KEYS, VALUES))
    )
    scores = _product(net, 2 * block + 1, (queries, keys), (1, TOKENS, ATTENTION_HEADS * TOKENS))
    shares = net.add(
        f"softmax{block + 1}", "softmax", (scores,), net.shape(scores), groups=ATTENTION_HEADS
    )
    mixed = _product(net, 2 * block + 2, (shares, values), shape)
    mixed = net.add_conv(f"conv{first + 3}", mixed, 1, WIDTH, activation="linear")
    return net.add(f"ew_add{2 * block + 1}", "ew_add", (source, mixed), shape, activation="linear")


def _product(net: FloatGraph, number: int, operands: tuple[str, str], shape: Shape) -> str:
    """Scores (the odd ones, queries times transposed keys) or mixed values, per head."""
    return net.add(
        f"matmul{number}",
        "matmul",
        operands,
        shape,
        groups=ATTENTION_HEADS,
        transpose_matmul_input=number % 2 == 1,
    )


def _with_perceptron(net: FloatGraph, source: str, block: int) -> str:
    first = 6 + 6 * block
    last = _layer_normalized(net, source, 2 * block + 2)
    last = net.add_conv(f"conv{first}", last, 1, 2 * WIDTH, activation="gelu")
    last = net.add_conv(f"conv{first + 1}", last, 1, WIDTH, activation="linear")
    shape = net.shape(source)
    return net.add(f"ew_add{2 * block + 2}", "ew_add", (source, last), shape, activation="linear")


def _layer_normalized(net: FloatGraph, source: str, number: int) -> str:
    """Layer normalization, and a layer with its scale and offset."""
    shape = net.shape(source)
    last = net.add(
        f"layer_normalization{number}",
        "layer_normalization",
        (source,),
        shape,
        reduce_axes=[3],
        groups=1,
        rms_norm=False,
    )
    net.arrays[last] = {"epsilon": np.float32(1e-5)}
    last = net.add(f"normalization{number + 1}", "normalization", (last,), shape)
    gamma = net.random.uniform(0.7, 1.3, WIDTH).astype(np.float32)
    beta = net.random.normal(0.0, 0.2, WIDTH).astype(np.float32)
    net.arrays[last] = {"kernel": gamma.reshape(1, 1, -1, 1), "bias": beta}
    return last
