"""A small vision transformer (ViT-S/16) with random weights: attention, gelu, softmax.

Linear maps of tokens are convolutions of one pixel, heads are groups of channels, and the scale
and offset of a layer normalization are a layer of their own, as in archives of transformers. The
tokens are averaged at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.float_graph import FloatGraph
from utils.har.network import Shape

CLASSES = 1000
PATCH = 16  # pixels
WIDTH, HEADS, BLOCKS, WIDENING = 384, 6, 12, 4
EPSILON = 1e-6


@dataclass
class _Transformer:
    """The network while it is built."""

    graph: FloatGraph
    tokens: int
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        self.shape = (1, self.tokens, WIDTH)

    def linear(self, source: str, channels: int, activation: str = "linear") -> str:
        name = self.graph.numbered("conv")
        return self.graph.add_conv(name, source, 1, channels, activation=activation)

    def positioned(self, patches: str) -> str:
        """The patches in a row, each plus what tells its position."""
        net = self.graph
        row = net.add(
            "format_conversion1",
            "format_conversion",
            (patches,),
            self.shape,
            conversion_type="spatial_flatten",
        )
        positions = net.add("const_input1", "const_input", (), self.shape, input_tiles=[[1, 1, 1]])
        values = 0.5 * net.random.standard_normal(self.shape)
        net.arrays[positions] = {"const_data": values.astype(np.float32)}
        return self.sum(row, positions)

    def sum(self, one: str, other: str) -> str:
        name = self.graph.numbered("ew_add")
        return self.graph.add(name, "ew_add", (one, other), self.shape, activation="linear")

    def normalized(self, source: str) -> str:
        net = self.graph
        centred = net.add(
            net.numbered("layer_normalization"),
            "layer_normalization",
            (source,),
            self.shape,
            reduce_axes=[3],
            rms_norm=False,
            groups=1,
        )
        net.arrays[centred] = {"epsilon": np.array(EPSILON, np.float32)}
        name = net.add(
            net.numbered("normalization"),
            "normalization",
            (centred,),
            self.shape,
            elementwise_add=False,
            activation="linear",
        )
        scale = net.random.uniform(0.7, 1.3, (1, 1, WIDTH, 1)).astype(np.float32)
        offset = net.random.normal(0.0, 0.2, WIDTH).astype(np.float32)
        net.arrays[name] = {"kernel": scale, "bias": offset}
        return name

    def attention(self, source: str) -> str:
        net, tokens = self.graph, self.normalized(source)
        queries, keys, values = (self.linear(tokens, WIDTH) for _ in range(3))
        # Scores are divided by the root of a head's depth, and linear layers need half the gain
        # of those in front of a relu.
        net.arrays[queries]["kernel"] *= np.float32(0.5 / np.sqrt(WIDTH / HEADS))
        scores = self.product(queries, keys, HEADS * self.tokens, transposed=True)
        shape = net.shape(scores)
        shares = net.add(net.numbered("softmax"), "softmax", (scores,), shape, groups=HEADS)
        mixed = self.product(shares, values, WIDTH, transposed=False)
        return self.sum(source, self.linear(mixed, WIDTH))

    def product(self, left: str, right: str, channels: int, transposed: bool) -> str:
        return self.graph.add(
            self.graph.numbered("matmul"),
            "matmul",
            (left, right),
            (1, self.tokens, channels),
            groups=HEADS,
            transpose_matmul_input=transposed,
        )

    def perceptron(self, source: str) -> str:
        inner = self.linear(self.normalized(source), WIDENING * WIDTH, activation="gelu")
        return self.sum(source, self.linear(inner, WIDTH))


def build_vision_transformer(side: int = 224) -> FloatGraph:
    """Layers and weights of the whole network; pixels are normalized."""
    graph = FloatGraph("vit_s", np.random.default_rng(16))
    net = _Transformer(graph, (side // PATCH) ** 2)
    pixels = graph.add_pixels(side)
    patches = graph.add_conv(
        "conv1", pixels, PATCH, WIDTH, stride=PATCH, activation="linear", padding="VALID"
    )
    last = net.positioned(patches)
    for _ in range(BLOCKS):
        last = net.perceptron(net.attention(last))
    last = graph.add(
        "avgpool1",
        "avgpool",
        (net.normalized(last),),
        (1, 1, WIDTH),
        kernel_shape=[1, 1, net.tokens, 1],
        strides=[1, 1, net.tokens, 1],
        padding="VALID",
        activation="linear",
    )
    graph.add_output(graph.add_dense("fc1", last, CLASSES))
    return graph
