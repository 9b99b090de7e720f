"""Float networks that can be trained: batch normalization while training, folded behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.float_graph import FloatGraph
from utils.har.network import Layer, Network, Shape


@dataclass
class TrainableGraph(FloatGraph):
    """A network while it is built and trained.

    Parameters
    ----------
    batch_normalized : layers that are normalized by the statistics of a batch while training.
    fixed : layers whose weights are no subject of training.
    """

    batch_normalized: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)

    def input(self, shape: Shape) -> str:
        """Append an input for samples (height, width, channels)."""
        return self.add(self.numbered("input_layer"), "input_layer", (), shape)

    def on_chip(self, source: str, mean: Sequence[float], std: Sequence[float]) -> str:
        """Append the normalization that a model script inserts: (x - mean) / std by channel."""
        name = self.add(
            self.numbered("normalization"),
            "normalization",
            (source,),
            self.shape(source),
            activation="linear",
        )
        self.fixed.add(name)
        self.set_normalization(name, mean, std)
        return name

    def set_normalization(self, name: str, mean: Sequence[float], std: Sequence[float]) -> None:
        """Give a normalization on the chip its constants, one for each channel."""
        scale, offset = 1 / np.asarray(std, np.float64), np.asarray(mean, np.float64)
        self.arrays[name] = {
            "kernel": scale.astype(np.float32).reshape(1, 1, -1, 1),
            "bias": (-offset * scale).astype(np.float32),
        }

    def conv(
        self,
        source: str,
        channels: int,
        size: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        activation: str = "relu",
        normalized: bool = True,
    ) -> str:
        """Append a convolution, batch-normalized unless it ends the network."""
        kernel = (size, size) if isinstance(size, int) else size
        steps = (stride, stride) if isinstance(stride, int) else stride
        height, width, fan_in = self.shape(source)
        name = self.add(
            self.numbered("conv"),
            "conv",
            (source,),
            (-(-height // steps[0]), -(-width // steps[1]), channels),
            kernel_shape=[*kernel, fan_in, channels],
            strides=[1, *steps, 1],
            dilations=[1, 1, 1, 1],
            # As PyTorch pads; a window that fills its stride needs none.
            padding="VALID" if kernel == steps else "SAME",
            groups=1,
            batch_norm=normalized,
            elementwise_add=False,
            activation=activation,
        )
        self._weighted(name, (*kernel, fan_in, channels), normalized)
        return name

    def depthwise(self, source: str, stride: int = 1, activation: str = "relu6") -> str:
        """Append a 3x3 convolution of every channel for itself."""
        name = self.add_depthwise(self.numbered("dw"), source, 3, stride, activation)
        self.arrays[name]["bias"][:] = 0
        self.batch_normalized.add(name)
        return name

    def dense(self, source: str, channels: int, activation: str = "linear") -> str:
        """Append a dense layer."""
        return self.add_dense(self.numbered("fc"), source, channels, activation)

    def joined(self, type_: str, *sources: str) -> str:
        """Append ew_add, ew_mult or concat."""
        height, width, channels = self.shape(sources[0])
        params = {"activation": "linear"}
        if type_ == "concat":
            channels, params = sum(self.shape(s)[2] for s in sources), {}
        name = self.numbered(type_)
        return self.add(name, type_, sources, (height, width, channels), **params)

    def pooled(self, source: str) -> str:
        """Append an average over all places."""
        height, width, channels = self.shape(source)
        return self.add(
            self.numbered("avgpool"),
            "avgpool",
            (source,),
            (1, 1, channels),
            kernel_shape=[1, height, width, 1],
            strides=[1, height, width, 1],
            padding="VALID",
            activation="linear",
        )

    def halved(self, source: str) -> str:
        """Append a maxpool of 2x2."""
        return self.add_pool(self.numbered("maxpool"), "maxpool", source, 2, 2)

    def doubled(self, source: str) -> str:
        """Append a resize to twice the height and width by nearest neighbours."""
        return self.add_doubled(self.numbered("resize"), source)

    def changed(self, name: str, **params: object) -> None:
        """Change parameters of a layer, such as its activation."""
        layer = self.layers[name]
        self.layers[name] = replace(layer, params={**layer.params, **params})

    def without(self, name: str) -> None:
        """Take out a layer with one input; its successors take that one."""
        source = self.layers.pop(name).inputs[0]
        self.arrays.pop(name, None)
        for key, layer in list(self.layers.items()):
            inputs = tuple(source if i == name else i for i in layer.inputs)
            self.layers[key] = replace(layer, inputs=inputs)

    def copied(self) -> TrainableGraph:
        """The same network, to be damaged by itself."""
        arrays = {n: {k: a.copy() for k, a in by_key.items()} for n, by_key in self.arrays.items()}
        return replace(self, layers=dict(self.layers), arrays=arrays)

    @property
    def inputs(self) -> list[str]:
        """Input layers, in order."""
        return [name for name, layer in self.layers.items() if layer.type == "input_layer"]

    @property
    def outputs(self) -> list[str]:
        """Output layers, in order."""
        return [name for name, layer in self.layers.items() if layer.type == "output_layer"]

    @property
    def weighted(self) -> list[str]:
        """Layers with a kernel that training made, in order."""
        kinds = ("conv", "dw", "dense")
        return [name for name, layer in self.layers.items() if layer.type in kinds]

    @property
    def on_chip_normalizations(self) -> list[str]:
        """What the model script inserted behind inputs."""
        return [n for n in self.layers if n in self.fixed and "/normalization" in n]

    def parsed(self) -> Network:
        """The graph as parsed, without what the model script inserted."""
        plain = self.copied()
        for name in self.on_chip_normalizations:
            plain.without(name)
        return plain.network()

    def network(self) -> Network:
        """The graph, with its edges in both directions and the shapes of its inputs."""
        for name, layer in self.layers.items():
            shapes = tuple(self.shape(source) for source in layer.inputs)
            self.layers[name] = replace(layer, input_shapes=shapes)
        return super().network()

    def layer_of(self, name: str) -> Layer:
        """A layer by its scoped name."""
        return self.layers[name]

    def _weighted(self, name: str, shape: tuple[int, ...], normalized: bool) -> None:
        self._add_weights(name, shape, 2.0)
        if normalized:
            self.batch_normalized.add(name)
            self.arrays[name]["bias"][:] = 0
