"""Both networks on the same samples, tensor by tensor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import Floats, closeness, is_clearly_closer
from utils.backends.stages.original.entering import Archived
from utils.backends.stages.original.feeding import Feed, arrays_for
from utils.backends.stages.original.matching import (
    Pair,
    has_more_axes,
    inner_layers,
    named_tensors,
    pairs_by_name,
    pairs_by_shape,
    pairs_by_values,
)
from utils.errors import DiagnosticError
from utils.har.network import Layer, Network
from utils.references import Reference
from utils.stages.runs import Samples, Tensors
from utils.wording import printable

Floats4 = Mapping[str, NDArray[np.float32]]
INNER_BYTES = 1 << 28  # of inner tensors of either network at a time
INNER_SAMPLES = 8
MOST_BYTES = 1 << 30  # of the inner tensors of one sample; beyond that outputs alone
SAYS_SOMETHING_DB = 10.0  # less is left of the SNR by chance
FEW_NAMES = 0.5  # of the layers; with fewer the values are to tell


@dataclass(frozen=True, eq=False)
class Look:
    """What both networks compute from some samples.

    Parameters
    ----------
    network : the archive's.
    own : what leaves its layers.
    found : tensors of the original, as they lie there.
    outputs, inner : pairs by layer, in the order of the network.
    """

    network: Network
    own: Tensors
    found: Mapping[str, NDArray[np.float32]]
    outputs: Mapping[str, Pair] = field(default_factory=dict)
    inner: Mapping[str, Pair] = field(default_factory=dict)

    @cached_property
    def is_equal(self) -> bool:
        """Whether all outputs that were matched are the same."""
        return bool(self.outputs) and all(pair.is_same for pair in self.outputs.values())

    @cached_property
    def worst_db(self) -> float:
        """Closeness at the worst output; NaN without one."""
        return min((pair.closeness_db for pair in self.outputs.values()), default=math.nan)

    @cached_property
    def same_inner(self) -> int:
        """How many inner tensors are the same."""
        return sum(pair.is_same for pair in self.inner.values())

    def has_more_in_common_than(self, other: Look) -> bool:
        """Whether more outputs or inner tensors are the same, or one output is clearly closer."""
        if self.is_equal != other.is_equal:
            return self.is_equal
        if self.inner and self.same_inner != other.same_inner:
            return self.same_inner > other.same_inner
        return self.worst_db > SAYS_SOMETHING_DB and is_clearly_closer(
            self.worst_db, other.worst_db
        )

    def theirs(self, pair: Pair) -> Floats:
        """A tensor of the original as the archive has it."""
        return pair.layout.read(self.found[pair.tensor])

    @cached_property
    def true_pairs(self) -> dict[str, Pair]:
        """Inner and outer pairs, without those whose names mislead.

        Where what is computed from a layer is the same in both, the layer was right, and the
        tensor that it is named after is another one: parsers split nodes into several layers.
        """
        both = {**self.inner, **self.outputs}
        return {
            name: pair
            for name, pair in both.items()
            if pair.is_same or not any(p.is_same for p in _next_pairs(self.network, name, both))
        }

    @cached_property
    def parts_at(self) -> str:
        """The first layer where both differ; "" where they do not."""
        order = (layer.name for layer in self.network)
        pairs = self.true_pairs
        return next((name for name in order if name in pairs and not pairs[name].is_same), "")


def _next_pairs(network: Network, name: str, pairs: Mapping[str, Pair]) -> Iterator[Pair]:
    """The nearest pairs behind a layer."""
    pending, seen = [*network[name].outputs], set[str]()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in pairs:
            yield pairs[current]
        else:
            pending.extend(network[current].outputs)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Looks at both networks.

    Parameters
    ----------
    reference : the original.
    archived : the archive's network.
    feeds : how samples enter the original.
    """

    reference: Reference
    archived: Archived
    feeds: Sequence[Feed]

    @cached_property
    def _layers(self) -> tuple[Layer, ...]:
        layers = inner_layers(self.archived.network)
        return layers if _bytes_of(layers) <= MOST_BYTES else ()

    @cached_property
    def _named(self) -> dict[str, tuple[str, ...]]:
        network = self.archived.network
        # Fused layers bear the names of several tensors, of which the last has to do if all are
        # too much.
        most = 1 if _bytes_of(self._layers) > INNER_BYTES else None
        found = {
            layer.name: named_tensors(self.reference, network, layer)[:most]
            for layer in (*self._layers, *network.output_layers)
        }
        return {name: tensors for name, tensors in found.items() if tensors}

    @cached_property
    def inner_count(self) -> int:
        """Samples on which inner tensors are affordable, at least one."""
        return int(np.clip(INNER_BYTES // max(_bytes_of(self._layers), 1), 1, INNER_SAMPLES))

    def outputs(self, entering: Samples, prepared: Floats4, known: Sequence[Pair]) -> Look:
        """The outputs for samples.

        Parameters
        ----------
        entering : as the archive's network takes them.
        prepared : as the network behind the script's preparation takes them.
        known : outputs that were matched before; others are sought among all tensors of the
            original that have names here.
        """
        layers = self.archived.network.output_layers
        own = self.archived.tensors(entering, [layer.name for layer in layers])
        tensors = [pair.tensor for pair in known]
        found = self.reference.run(arrays_for(self.feeds, prepared), tensors) if tensors else {}
        pairs = {
            pair.layer: Pair(
                pair.layer,
                pair.tensor,
                pair.by,
                pair.layout,
                closeness(pair.layout.read(found[pair.tensor]), own[pair.layer]),
            )
            for pair in known
        }
        return Look(self.archived.network, own, found, pairs)

    def whole(self, entering: Samples, prepared: Floats4) -> Look:
        """Outputs and inner tensors for a few samples.

        Raises
        ------
        DiagnosticError : no output can be emulated.
        """
        network = self.archived.network
        layers = [layer.name for layer in (*self._layers, *network.output_layers)]
        own = self.archived.tensors(entering, layers)
        if not any(layer.name in own for layer in network.output_layers):
            raise DiagnosticError(
                f"no output of the archive can be emulated, so {printable(self.reference.path)} "
                "cannot be compared with it",
                "Leave out --reference.",
            )
        return self.against(own, prepared)

    def against(self, own: Tensors, prepared: Floats4) -> Look:
        """The same for what the archive's network gave already."""
        network = self.archived.network
        found = self.reference.run(arrays_for(self.feeds, prepared), self._wanted)
        reference, outputs = self.reference, network.output_layers
        matched = pairs_by_name(reference, network, outputs, found, own)
        left = [layer for layer in outputs if layer.name not in matched]
        used = {pair.tensor for pair in matched.values()}
        free = [name for name in self.reference.outputs if name not in used]
        matched |= pairs_by_shape(reference, left, free, found, own)
        left = [layer for layer in left if layer.name not in matched]
        matched |= pairs_by_values(reference, left, [*free, *found], found, own)
        by_name = pairs_by_name(reference, network, self._layers, found, own)
        inner = {
            name: pair
            for name, pair in by_name.items()
            if pair.is_same or not has_more_axes(found[pair.tensor], own[name])
        }
        if self._are_names_lost:
            nameless = [layer for layer in self._layers if layer.name not in inner]
            inner |= pairs_by_values(reference, nameless, list(found), found, own)
        order = [layer.name for layer in network]
        return Look(
            network,
            own,
            found,
            {name: matched[name] for name in order if name in matched},
            {name: inner[name] for name in order if name in inner},
        )

    @cached_property
    def _are_names_lost(self) -> bool:
        named = sum(layer.name in self._named for layer in self._layers)
        return named < FEW_NAMES * len(self._layers)

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        """Tensors that may be something in the archive."""
        named = (tensor for tensors in self._named.values() for tensor in tensors)
        others = self.reference.tensors if self._are_names_lost else ()
        return tuple(dict.fromkeys((*named, *self.reference.outputs, *others)))


def _bytes_of(layers: Sequence[Layer]) -> int:
    """What leaves layers, for one sample."""
    values = sum(math.prod(layer.output_shape) for layer in layers)
    return values * np.dtype(np.float32).itemsize
