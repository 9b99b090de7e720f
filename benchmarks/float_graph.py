"""Float networks with random weights, put together layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Layer, Network, Shape

FloatArray = NDArray[np.float32]

# What normalizes pixels on the chip, as model scripts say it.
PIXEL_SCRIPT = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"


@dataclass
class FloatGraph:
    """A network while it is built, and its weights.

    Parameters
    ----------
    name : scope of the layers.
    random : makes the weights; He initialization keeps activations in a natural range.
    layers : by name, in topological order; successors are filled in by `network`.
    arrays : weights by layer and key, as `utils.emulator` asks for them.
    """

    name: str
    random: np.random.Generator
    layers: dict[str, Layer] = field(default_factory=dict)
    arrays: dict[str, dict[str, FloatArray]] = field(default_factory=dict)

    @property
    def input_name(self) -> str:
        """The first layer, whose samples the network takes."""
        return next(iter(self.layers))

    @property
    def image(self) -> Shape:
        """Height, width and channels of a sample."""
        return self.shape(self.input_name)

    def layer(self, name: str) -> Mapping[str, FloatArray]:
        """Weights of one layer."""
        return self.arrays.get(name, {})

    def weights(self) -> dict[str, FloatArray]:
        """All weights by ``layer/key``, as `utils.quantizer.writer` asks for them."""
        return {
            f"{name}/{key}": array
            for name, arrays in self.arrays.items()
            for key, array in arrays.items()
        }

    def shape(self, name: str) -> Shape:
        """Height, width and channels of a layer's output."""
        return self.layers[name].output_shapes[0]

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
        return Network(self.name, complete)

    def add(
        self, base: str, type_: str, inputs: tuple[str, ...], shape: Shape, **params: Any
    ) -> str:
        """Append a layer; returns its name."""
        name = f"{self.name}/{base}"
        self.layers[name] = Layer(
            name,
            type_,
            inputs=inputs,
            input_shapes=tuple(self.shape(source) for source in inputs),
            output_shapes=(shape,),
            params=params,
        )
        return name

    def numbered(self, base: str) -> str:
        """The next base name of this kind, such as ``conv3``."""
        bases = (layer.base_name.rstrip("0123456789") for layer in self.layers.values())
        return f"{base}{1 + sum(found == base for found in bases)}"

    def add_pixels(self, side: int) -> str:
        """Append an input of raw pixels and what normalizes them (`PIXEL_SCRIPT`)."""
        image = (side, side, 3)
        source = self.add("input_layer1", "input_layer", (), image)
        name = self.add("normalization1", "normalization", (source,), image, activation="linear")
        self.arrays[name] = {
            "kernel": np.full((1, 1, 3, 1), 1 / 255, np.float32),
            "bias": np.zeros(3, np.float32),
        }
        return name

    def add_output(self, source: str) -> str:
        """Append the next output layer."""
        base = self.numbered("output_layer")
        return self.add(base, "output_layer", (source,), self.shape(source))

    def add_conv(
        self,
        base: str,
        source: str,
        size: int,
        channels: int,
        stride: int = 1,
        activation: str = "relu",
        shortcut: str = "",
        padding: str = "",
    ) -> str:
        """Append a convolution that keeps the size of the image, apart from its stride."""
        height, width, fan_in = self.shape(source)
        name = self.add(
            base,
            "conv",
            (source, shortcut) if shortcut else (source,),
            (height // stride, width // stride, channels),
            kernel_shape=[size, size, fan_in, channels],
            strides=[1, stride, stride, 1],
            dilations=[1, 1, 1, 1],
            padding=padding or ("SAME" if stride > 1 else "SAME_TENSORFLOW"),
            groups=1,
            batch_norm=True,
            elementwise_add=bool(shortcut),
            activation=activation,
        )
        self._add_weights(name, (size, size, fan_in, channels), 2.0)
        return name

    def add_depthwise(
        self, base: str, source: str, size: int, stride: int = 1, activation: str = "relu6"
    ) -> str:
        """Append a convolution of every channel for itself."""
        height, width, channels = self.shape(source)
        name = self.add(
            base,
            "dw",
            (source,),
            (height // stride, width // stride, channels),
            kernel_shape=[size, size, channels, 1],
            strides=[1, stride, stride, 1],
            dilations=[1, 1, 1, 1],
            padding="SAME" if stride > 1 else "SAME_TENSORFLOW",
            groups=1,
            batch_norm=True,
            elementwise_add=False,
            activation=activation,
        )
        self.arrays[name] = {
            "kernel": self._normal((size, size, channels, 1), np.sqrt(2.0) / size),
            "bias": self._normal((channels,), 0.1),
        }
        return name

    def add_dense(self, base: str, source: str, channels: int, activation: str = "linear") -> str:
        """Append a dense layer."""
        fan_in = int(np.prod(self.shape(source)))
        name = self.add(
            base,
            "dense",
            (source,),
            (1, 1, channels),
            kernel_shape=[fan_in, channels],
            batch_norm=False,
            activation=activation,
        )
        self._add_weights(name, (fan_in, channels), 1.0 if activation == "linear" else 2.0)
        return name

    def add_doubled(self, base: str, source: str) -> str:
        """Append a resize to twice the height and width by nearest neighbours."""
        height, width, channels = self.shape(source)
        return self.add(
            base,
            "resize",
            (source,),
            (2 * height, 2 * width, channels),
            method="nearest_neighbor",
            resize_h_ratio_list=[2.0],
            resize_w_ratio_list=[2.0],
            activation="linear",
        )

    def add_pool(
        self, base: str, type_: str, source: str, size: int, stride: int, padding: str = "VALID"
    ) -> str:
        """Append a maxpool or avgpool; a full window leaves one pixel."""
        height, width, channels = self.shape(source)
        return self.add(
            base,
            type_,
            (source,),
            (height // stride, width // stride, channels),
            kernel_shape=[1, size, size, 1],
            strides=[1, stride, stride, 1],
            padding=padding,
            activation="linear",
        )

    def _add_weights(self, name: str, shape: tuple[int, ...], gain: float) -> None:
        spread = np.sqrt(gain / np.prod(shape[:-1]))
        self.arrays[name] = {
            "kernel": self._normal(shape, spread),
            "bias": self._normal(shape[-1:], 0.1),
        }

    def _normal(self, shape: tuple[int, ...], spread: float) -> FloatArray:
        return (spread * self.random.standard_normal(shape)).astype(np.float32)
