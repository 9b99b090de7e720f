"""Parts of the archive's network by themselves, fed with what the original has at their borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import Floats
from utils.emulator.floats.engine import FloatEmulator
from utils.errors import DiagnosticError
from utils.har.network import Layer, Network
from utils.har.parameters import Parameters

ENTERING = "entering/"  # in front of the names of layers that stand for a border
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Change:
    """Layers and weights that a network is tried with.

    Parameters
    ----------
    layers : by name, instead of those of the archive.
    arrays : by name of the layer, instead of those of the archive.
    margin : how what enters a layer is padded beforehand, as `numpy.pad` calls it; "" for not.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    arrays: Mapping[str, Arrays] = field(default_factory=dict)
    margin: str = ""

    def joined(self, other: Change) -> Change:
        """Both; what the other says of a layer counts."""
        return Change(
            {**self.layers, **other.layers},
            {**self.arrays, **other.arrays},
            self.margin or other.margin,
        )


class ChangedParameters:
    """Weights of the archive, some of them replaced."""

    def __init__(self, parameters: Parameters, arrays: Mapping[str, Arrays]) -> None:
        """Take both."""
        self._parameters = parameters
        self._arrays = arrays

    def layer(self, name: str) -> Arrays:
        """Arrays of one layer by key."""
        stored = self._parameters.layer(name)
        if name not in self._arrays:
            return stored
        return {**{key: stored[key] for key in stored}, **self._arrays[name]}


@dataclass(frozen=True, eq=False)
class Segment:
    """The layers from some whose values are known to one whose values are to come out.

    Parameters
    ----------
    last : name of that layer.
    layers : to be computed, the last one included.
    border : layers whose values are known, and that these take.
    """

    last: str
    layers: tuple[Layer, ...]
    border: tuple[Layer, ...]

    def run(
        self, parameters: Parameters, values: Mapping[str, Floats], change: Change | None = None
    ) -> Floats | None:
        """What leaves the last layer; None where it cannot be emulated.

        Parameters
        ----------
        values : at the border, by layer.
        change : what to try.
        """
        change = change or Change()
        entering = {f"{ENTERING}{layer.name}": values[layer.name] for layer in self.border}
        layers = [change.layers.get(layer.name, layer) for layer in self.layers]
        if change.margin:
            layers, entering = _padded(layers, entering, change.margin)
        network = _with_inputs(layers, self.border, entering, change.layers)
        emulator = FloatEmulator(network, ChangedParameters(parameters, change.arrays))
        try:
            return emulator.run(entering, [self.last])[self.last]
        except DiagnosticError:
            return None


def segment_of(network: Network, last: str, known: Mapping[str, Any]) -> Segment:
    """What computes a layer from the nearest ones whose values are known; inputs have to be."""
    inside: dict[str, Layer] = {last: network[last]}
    border: dict[str, Layer] = {}
    pending = [last]
    while pending:
        for name in network[pending.pop()].inputs:
            if name in known:
                border[name] = network[name]
            elif name not in inside:
                inside[name] = network[name]
                pending.append(name)
    return Segment(
        last,
        tuple(layer for layer in network if layer.name in inside),
        tuple(layer for layer in network if layer.name in border),
    )


def _with_inputs(
    layers: Sequence[Layer],
    border: Sequence[Layer],
    entering: Mapping[str, Floats],
    changed: Mapping[str, Layer],
) -> Network:
    """A network that begins with the border; each layer of it hands its values on."""
    names = {layer.name for layer in layers}
    made: list[Layer] = []
    for layer in border:
        height, width, channels = entering[f"{ENTERING}{layer.name}"].shape[1:]
        shape = (height, width, channels)
        behind = tuple(x.name for x in layers for name in x.inputs if name == layer.name)
        made.append(
            Layer(
                f"{ENTERING}{layer.name}",
                "input_layer",
                outputs=(layer.name,),
                output_shapes=(shape,),
            )
        )
        stub = changed.get(layer.name)
        made.append(
            Layer(
                layer.name,
                "softmax" if stub is not None and stub.type == "softmax" else "activation",
                inputs=(f"{ENTERING}{layer.name}",),
                outputs=behind,
                input_shapes=(shape,),
                output_shapes=(shape,) * max(len(behind), 1),
                params={"activation": stub.activation if stub is not None else "linear"},
            )
        )
    made += [_kept_edges(layer, names) for layer in layers]
    made += _stubs(layers, names)
    return Network("segment", made)


def _kept_edges(layer: Layer, names: set[str]) -> Layer:
    """The layer without successors elsewhere; a splitter keeps them, as their places count."""
    if "splitter" in layer.type:
        return layer
    outputs = tuple(name for name in layer.outputs if name in names)
    return replace(
        layer, outputs=outputs, output_shapes=layer.output_shapes[: max(len(outputs), 1)]
    )


def _stubs(layers: Sequence[Layer], names: set[str]) -> list[Layer]:
    """What takes the other parts of splitters."""
    takers: dict[str, list[str]] = {}
    for layer in layers:
        if "splitter" in layer.type:
            for name in layer.outputs:
                if name not in names:
                    takers.setdefault(name, []).append(layer.name)
    return [
        Layer(name, "output_layer", inputs=tuple(dict.fromkeys(sources)))
        for name, sources in takers.items()
    ]


def _padded(
    layers: Sequence[Layer], entering: Mapping[str, Floats], mode: str
) -> tuple[list[Layer], dict[str, Floats]]:
    """A single layer whose operand is padded beforehand, as another framework does it."""
    (layer,) = layers
    (name, values), *others = entering.items()
    height, width = (int(size) for size in layer.params["kernel_shape"][_spatial(layer)])
    dilations = [int(n) for n in (layer.params.get("dilations") or [1, 1, 1, 1])[1:3]]
    tall, wide = ((height - 1) * dilations[0], (width - 1) * dilations[1])
    around = ((0, 0), (tall // 2, tall - tall // 2), (wide // 2, wide - wide // 2), (0, 0))
    padded = np.pad(values, around, mode=mode)  # type: ignore[call-overload]
    params = {**layer.params, "padding": "VALID"}
    return [replace(layer, params=params)], {name: padded, **dict(others)}


def _spatial(layer: Layer) -> slice:
    """Where the kernel's height and width stand."""
    return slice(1, 3) if layer.type.endswith("pool") else slice(0, 2)
