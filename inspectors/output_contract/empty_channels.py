"""Channels of an output that no sample reaches, since all of their weights are 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from utils.findings import Finding, Severity
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer, Network
from utils.har.weight_codes import array, channel_axis
from utils.outputs.heads import heads
from utils.quantizer.precision_plan import code_sources
from utils.wording import itemized, listed, plural

# Behind these a channel is still the same class.
_CHANNEL_KEEPING = frozenset({"softmax", "activation", "argmax"})
# Channels are filled up to a multiple of this at their end, where other chips want that.
PADDED_TO = 4


@dataclass(frozen=True, eq=False)
class Emptied:
    """A layer in front of an output with channels that have no weights.

    Parameters
    ----------
    empty : which channels, (channels,); some, but not all.
    """

    layer: Layer
    empty: NDArray[np.bool_]

    @property
    def is_padding(self) -> bool:
        """Whether the channels only fill up their number, at its end."""
        last = int(np.flatnonzero(~self.empty)[-1]) + 1
        at_end = bool(self.empty[last:].all() and not self.empty[:last].any())
        return at_end and self.empty.size % PADDED_TO == 0

    def described(self) -> str:
        """Which channels of which layer."""
        places = [str(place) for place in np.flatnonzero(self.empty)]
        noun = "channel" if len(places) == 1 else "channels"
        return f"{noun} {listed(places, 8)} of {self.empty.size} of {self.layer.described()}"


def empty_channels(context: Context) -> Iterator[Finding]:
    """One finding on channels that may be lost, one on those that fill up a number."""
    found = list(_emptied(context.model))
    for is_padding in (False, True):
        of_kind = [each for each in found if each.is_padding is is_padding]
        if of_kind:
            yield _finding(of_kind, is_padding=is_padding)


def _finding(found: list[Emptied], *, is_padding: bool) -> Finding:
    names = tuple(each.layer.name for each in found)
    count = sum(int(each.empty.sum()) for each in found)
    return Finding(
        id="output-channel-empty",
        severity=Severity.INFO if is_padding else Severity.WARNING,
        headline="Channels of an output are always the same, since their weights are all 0",
        evidence=f"all weights of {itemized([each.described() for each in found])} are 0",
        why="They fill up the number of channels, as it seems."
        if is_padding
        else "Nothing of a sample reaches such a channel: that class never comes, that point never "
        "moves. In float it is the same, so no SNR shows it.",
        remedy=""
        if is_padding
        else f"Compare the weights of {plural(count, 'channel')} of {listed(names, 3)} with the "
        "trained model, and export it again if they are not 0 there.",
        layers=names,
        measured={each.layer.name: float(each.empty.sum()) for each in found},
    )


def _emptied(model: Model) -> Iterator[Emptied]:
    for layer in _computing(model.network):
        kernel = array(model.float_parameters.layer(layer.name), "kernel")
        axis = None if kernel is None else channel_axis(layer, kernel.shape)
        if kernel is None or axis is None:
            continue
        by_channel = np.moveaxis(kernel, axis, -1).reshape(-1, kernel.shape[axis])
        empty = np.logical_not(by_channel.any(axis=0))
        # Where all are, the whole output is constant, which is told elsewhere.
        if empty.any() and not empty.all():
            yield Emptied(layer, empty)


def _computing(network: Network) -> list[Layer]:
    """Layers with weights whose channels are those of an output."""
    found: dict[str, Layer] = {}
    pending, seen = list(heads(network)), set[str]()
    while pending:
        layer = pending.pop()
        if layer.name in seen:
            continue
        seen.add(layer.name)
        if layer.type in WEIGHT_TYPES and not layer.params.get("elementwise_add"):
            found[layer.name] = layer
        elif layer.type in _CHANNEL_KEEPING:
            pending += code_sources(network, layer)
    return [layer for layer in network if layer.name in found]
