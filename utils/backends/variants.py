"""The archive's quantized network with some layers changed, again and again.

Layers are compiled one by one, and what was compiled is known by the very objects that it was made
from. So a layer that is the same as in the archive, or in an earlier variant, is handed out as the
same object: tracing a layer takes longer than running it on a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.quantizer.integers import CodedLayer, requantized_layer
from utils.quantizer.precision_plan import output_order
from utils.quantizer.requantizer import Requantizer

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Variant:
    """A quantized network in which some layers differ from the archive's.

    Parameters
    ----------
    network : its graph.
    coded_layers : encodings and integers by layer of that graph.
    changed : layers that do not compute what the archive's layer of that name does.
    """

    network: Network
    coded_layers: Mapping[str, CodedLayer]
    changed: frozenset[str]


class Variants:
    """Makes variants of one archive."""

    def __init__(self, model: Model, stored: Mapping[str, CodedLayer]) -> None:
        """Take an archive, and its layers as it stores them."""
        self._archived = model.network
        self._stored = stored
        self._requantizer = Requantizer(model)
        self._made: dict[object, Variant] = {}
        self._layers = {layer.name: [layer] for layer in model.network}
        self._coded: dict[str, list[CodedLayer]] = {}

    def equalized(self) -> Variant | None:
        """The network with equalization; None where the archive has all that there is to get."""
        vectors = self._requantizer.missing_equalization()
        return self.of(vectors=vectors) if vectors else None

    def with_output_scales(self) -> Variant | None:
        """The network with a scale for each channel of its outputs; None where there is none."""
        vectors = self._requantizer.output_scales()
        return self.of(vectors=vectors) if vectors else None

    def of(
        self,
        modes: Mapping[str, str] | None = None,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        vectors: Mapping[str, NDArray[np.float64]] | None = None,
    ) -> Variant:
        """The network with other modes, output ranges and scales; see `Requantizer.apply`."""
        if vectors:
            return self._requantized(modes, ranges, vectors)
        asked = tuple(sorted((modes or {}).items())), tuple(sorted((ranges or {}).items()))
        if asked not in self._made:
            self._made[asked] = self._requantized(modes, ranges, None)
        return self._made[asked]

    def _requantized(
        self,
        modes: Mapping[str, str] | None,
        ranges: Mapping[str, tuple[float, float]] | None,
        vectors: Mapping[str, NDArray[np.float64]] | None,
    ) -> Variant:
        made = self._requantizer.apply(modes, ranges, vectors)
        layers = [self._same_layer(layer) for layer in made.network]
        network = Network(made.network.name, layers, output_order(made.network))
        coded = {
            name: _known(self._coded.setdefault(name, []), requantized_layer(found))
            for name, found in made.layers.items()
        }
        others = (layer.name for layer in network if not self._is_archived(layer))
        return Variant(network, {**self._stored, **coded}, frozenset([*coded, *others]))

    def _same_layer(self, layer: Layer) -> Layer:
        return _known(self._layers.setdefault(layer.name, []), layer)

    def _is_archived(self, layer: Layer) -> bool:
        return layer.name in self._archived and self._archived[layer.name] is layer


def _known(known: list[T], found: T) -> T:
    """The one among those that are known that is the same; else it is known from now on."""
    for each in known:
        if _same(each, found):
            return each
    known.append(found)
    return found


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, arrays and fields of dataclasses as well."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if is_dataclass(one):
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)
