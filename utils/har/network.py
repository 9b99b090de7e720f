"""The HN graph: layers, edges, a stable topological order, names with and without scope.

Every shape is (height, width, channels); the batch axis of the file is dropped, and the
rank-2 shapes of old files, (channels,), become (1, 1, channels).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from utils.errors import ArchiveError

Shape = tuple[int, int, int]

# Layers that move or select values without computing new ones: what leaves them has the
# encoding of what entered. Compiler artefacts (portal, ddr, ...) are identities.
PASS_THROUGH_TYPES = frozenset(
    "output_layer shortcut format_conversion portal l4_portal ddr loopback bucket output_mux "
    "slice external_pad depth_to_space space_to_depth feature_splitter spatial_splitter "
    "width_splitter row_splitter shape_splitter feature_shuffle maxpool".split()
)


@dataclass(frozen=True)
class Layer:
    """One layer of an HN graph.

    Parameters
    ----------
    name : as in the file, usually ``scope/base``.
    type : HN type, e.g. ``conv``.
    inputs, outputs : names of predecessors (operand order) and successors.
    input_shapes : one (H, W, C) per input.
    output_shapes : one (H, W, C) per successor; splitters differ per successor.
    original_names : nodes of the ONNX or TensorFlow model that became this layer.
    params : attributes of the layer (kernel_shape, strides, padding, activation, ...).
    quantization_params : precision_mode, bias_mode, ... of a quantized graph.
    """

    name: str
    type: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    input_shapes: tuple[Shape, ...] = ()
    output_shapes: tuple[Shape, ...] = ()
    original_names: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    quantization_params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base_name(self) -> str:
        """Name without its scope."""
        return self.name.rpartition("/")[2]

    @property
    def activation(self) -> str:
        """Name of the fused activation; ``linear`` if there is none."""
        return str(self.params.get("activation", "linear"))

    @property
    def output_shape(self) -> Shape:
        """(H, W, C) of what the layer computes; layers without successors repeat their input."""
        shapes = self.output_shapes or self.input_shapes
        if not shapes:
            raise ArchiveError(f"layer {self.name} records no shape; the HN graph is incomplete")
        return shapes[0]

    @property
    def is_pass_through(self) -> bool:
        """Whether values only pass: the encoding behind the layer is the one before it."""
        if self.type == "activation":
            return self.activation == "linear"
        if self.type == "resize":
            return self.params.get("method") == "nearest_neighbor"
        return self.type in PASS_THROUGH_TYPES

    def described(self) -> str:
        """Name, with the name in the original model where there is one, for messages."""
        if not self.original_names:
            return self.name
        return f"{self.name} ({self.original_names[0]})"


class Network:
    """A directed acyclic graph of layers; iteration is in stable topological order."""

    def __init__(self, name: str, layers: list[Layer], output_order: tuple[str, ...] = ()) -> None:
        """Check the edges and order the layers.

        Parameters
        ----------
        layers : in file order, which decides between layers that do not depend on each other.
        output_order : names of the layers that feed the outputs, in output order.

        Raises
        ------
        ArchiveError : an edge to a layer that does not exist, edges that contradict each
            other, or a cycle.
        """
        self.name = name
        self._output_order = output_order
        by_name = {layer.name: layer for layer in layers}
        _check_edges(by_name)
        self.layers: Mapping[str, Layer] = {n: by_name[n] for n in _topological_order(by_name)}

    def __iter__(self) -> Iterator[Layer]:
        """Layers, each after all of its predecessors."""
        return iter(self.layers.values())

    def __len__(self) -> int:
        """Number of layers."""
        return len(self.layers)

    def __contains__(self, name: object) -> bool:
        """Whether a layer has exactly this name."""
        return name in self.layers

    def __getitem__(self, name: str) -> Layer:
        """The layer of exactly this name."""
        return self.layers[name]

    def described(self, name: str) -> str:
        """A layer as messages name it; the name itself for one that is not there."""
        return self[name].described() if name in self else name

    def predecessors(self, layer: Layer) -> tuple[Layer, ...]:
        """Layers whose outputs this layer takes, in operand order."""
        return tuple(self.layers[name] for name in layer.inputs)

    def successors(self, layer: Layer) -> tuple[Layer, ...]:
        """Layers that take this layer's output, in the order of the file."""
        return tuple(self.layers[name] for name in layer.outputs)

    def resolve(self, name: str) -> str | None:
        """Scoped name of a layer given with or without scope; None if unknown or ambiguous."""
        if name in self.layers:
            return name
        candidates = self._by_suffix.get(name, [])
        return candidates[0] if len(candidates) == 1 else None

    @cached_property
    def _by_suffix(self) -> dict[str, list[str]]:
        suffixes: dict[str, list[str]] = {}
        for name in self.layers:
            parts = name.split("/")
            for start in range(1, len(parts)):
                suffixes.setdefault("/".join(parts[start:]), []).append(name)
        return suffixes

    @cached_property
    def input_layers(self) -> tuple[Layer, ...]:
        """Layers through which data enter, in file order."""
        return tuple(layer for layer in self if layer.type == "input_layer")

    @cached_property
    def output_layers(self) -> tuple[Layer, ...]:
        """Layers through which results leave, in the order the user sees."""
        outputs = [layer for layer in self if layer.type == "output_layer"]
        rank = {name: index for index, name in enumerate(self._output_order)}
        return tuple(
            sorted(outputs, key=lambda layer: rank.get((layer.inputs or ("",))[0], len(rank)))
        )

    def producers(self, layer: Layer) -> tuple[Layer, ...]:
        """Layers that compute what `layer` receives, found by walking back over pass-throughs.

        A layer that is no pass-through is its own producer.
        """
        found: dict[str, Layer] = {}
        seen = {layer.name}
        pending = [layer]
        while pending:
            current = pending.pop(0)
            if current.is_pass_through and current.inputs:
                new = dict.fromkeys(name for name in current.inputs if name not in seen)
                seen.update(new)
                pending.extend(self.layers[name] for name in new)
            else:
                found[current.name] = current
        return tuple(found.values())

    @cached_property
    def feeds_output(self) -> frozenset[str]:
        """Names of the layers whose values reach an output unchanged."""
        return frozenset(
            producer.name for output in self.output_layers for producer in self.producers(output)
        )


def network_from_hn(hn: Any, source: str) -> Network:
    """Build a network from the parsed JSON of an HN member.

    Parameters
    ----------
    hn : the parsed JSON.
    source : member name, for messages.

    Raises
    ------
    ArchiveError : the JSON is no HN graph, or the graph is not consistent.
    """
    if not isinstance(hn, dict) or not isinstance(hn.get("layers"), dict) or not hn["layers"]:
        raise ArchiveError(f"{source} holds no HN graph: it has no object named 'layers'")
    layers = [_layer_from_hn(name, entry, source) for name, entry in hn["layers"].items()]
    net_params = hn.get("net_params")
    order = net_params.get("output_layers_order", []) if isinstance(net_params, dict) else []
    try:
        return Network(str(hn.get("name", "")), layers, _names(order))
    except (ArchiveError, TypeError) as error:
        raise ArchiveError(f"{source}: {error}") from error


def _layer_from_hn(name: str, entry: Any, source: str) -> Layer:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise ArchiveError(f"{source}: layer {name} has no type")
    try:
        return Layer(
            name=name,
            type=entry["type"],
            inputs=_names(entry.get("input", [])),
            outputs=_names(entry.get("output", [])),
            input_shapes=_shapes(entry.get("input_shapes")),
            output_shapes=_shapes(entry.get("output_shapes")),
            original_names=_names(entry.get("original_names", [])),
            params=_object(entry.get("params")),
            quantization_params=_object(entry.get("quantization_params")),
        )
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ArchiveError(f"{source}: layer {name} is malformed ({error})") from error


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("expected a list of layer names")
    return tuple(value)


def _object(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("expected a JSON object")
    return value


def _shapes(value: Any) -> tuple[Shape, ...]:
    return tuple(_shape(entry) for entry in (value or []))


def _shape(entry: Any) -> Shape:
    # The first axis is the batch; old files leave out the spatial axes of vectors.
    sizes = [int(size) for size in entry[1:]]
    if not 1 <= len(sizes) <= 3 or any(size < 1 for size in sizes):
        raise ValueError(f"shape {entry} is not (batch, height, width, channels)")
    height, width, channels = [1] * (3 - len(sizes)) + sizes
    return height, width, channels


def _check_edges(layers: Mapping[str, Layer]) -> None:
    for layer in layers.values():
        for other in (*layer.inputs, *layer.outputs):
            if other not in layers:
                raise ArchiveError(
                    f"layer {layer.name} is connected to {other}, which does not exist"
                )
    for layer in layers.values():
        for successor in layer.outputs:
            if layer.name not in layers[successor].inputs:
                raise ArchiveError(
                    f"layer {layer.name} names {successor} as its successor, "
                    f"but {successor} does not take it as an input"
                )
        for predecessor in layer.inputs:
            if layer.name not in layers[predecessor].outputs:
                raise ArchiveError(
                    f"layer {layer.name} takes {predecessor} as an input, "
                    f"but {predecessor} does not name it as a successor"
                )


def _topological_order(layers: Mapping[str, Layer]) -> Iterator[str]:
    position = {name: index for index, name in enumerate(layers)}
    sorter = TopologicalSorter({name: layer.inputs for name, layer in layers.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ArchiveError(f"the graph has a cycle: {' -> '.join(error.args[1])}") from error
    ready: list[tuple[int, str]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (position[name], name))
        # The earliest of all that could come next, so that a file already in order keeps it.
        _, first = heapq.heappop(ready)
        yield first
        sorter.done(first)
