"""Statistics that a calibration run leaves behind, for every place of every layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """What calibration saw of one layer.

    Parameters
    ----------
    output : of the layer's output.
    preact : before the activation; None where the activation is linear or there is none.
    inputs : one per input. Dense layers see (height * width * channels) inputs. Empty: the
        outputs of the predecessors, whose channels repeat for a dense layer.
    """

    output: ChannelStatistics
    preact: ChannelStatistics | None = None
    inputs: tuple[ChannelStatistics, ...] = ()


def channel_statistics(values: NDArray[Any]) -> ChannelStatistics:
    """Statistics over all axes but the last, which holds the channels."""
    rows = np.asarray(values, dtype=np.float64).reshape(-1, values.shape[-1])
    return ChannelStatistics(
        minimum=rows.min(axis=0),
        maximum=rows.max(axis=0),
        mean=rows.mean(axis=0),
        energy=np.square(rows).mean(axis=0),
        count=len(rows),
        non_zero_share=float(np.count_nonzero(rows)) / rows.size,
    )


def statistics_from_arrays(
    network: Network,
    outputs: Mapping[str, NDArray[Any]],
    preacts: Mapping[str, NDArray[Any]] | None = None,
) -> dict[str, LayerStatistics]:
    """Statistics of every layer from what the float network computed.

    Parameters
    ----------
    network : the float graph.
    outputs : by layer name, with or without scope; arrays (samples, height, width, channels).
    preacts : likewise, before the activation.
    """
    measured = {network.resolve(name) or name: values for name, values in outputs.items()}
    before = {network.resolve(name) or name: values for name, values in (preacts or {}).items()}
    found = {}
    for layer in network:
        if layer.name not in measured:
            continue
        found[layer.name] = LayerStatistics(
            output=channel_statistics(measured[layer.name]),
            preact=channel_statistics(before[layer.name]) if layer.name in before else None,
            inputs=tuple(
                channel_statistics(_as_seen(layer, measured[name])) for name in layer.inputs
            ),
        )
    return found


def _as_seen(layer: Layer, values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(len(values), -1) if layer.type == "dense" else values


def completed_statistics(
    network: Network, statistics: Mapping[str, LayerStatistics]
) -> dict[str, LayerStatistics]:
    """Statistics of every layer and place, derived where they follow from others.

    Layers that hand on what they receive (outputs, changes of precision) may be left out, as
    may inputs and the pre-activation of a linear layer.

    Raises
    ------
    ArchiveError : a layer's statistics are missing and do not follow from others.
    """
    known = {network.resolve(name) or name: value for name, value in statistics.items()}
    complete: dict[str, LayerStatistics] = {}
    for layer in network:
        behind = tuple(complete[name].output for name in layer.inputs)
        given = known.get(layer.name)
        if given is None:
            if not (layer.is_pass_through and behind and _keeps_shape(layer)):
                raise ArchiveError(f"no calibration statistics for layer {layer.name}")
            given = LayerStatistics(output=behind[0])
        preact = given.preact
        if preact is None and layer.activation == "linear":
            preact = given.output
        complete[layer.name] = LayerStatistics(
            given.output, preact, given.inputs or tuple(_repeated(layer, seen) for seen in behind)
        )
    return complete


def _keeps_shape(layer: Layer) -> bool:
    return layer.type != "maxpool" and layer.input_shapes[:1] == layer.output_shapes[:1]


def _repeated(layer: Layer, seen: ChannelStatistics) -> ChannelStatistics:
    if layer.type != "dense":
        return seen
    height, width, _ = layer.input_shapes[0]
    pixels = height * width
    return ChannelStatistics(
        minimum=np.tile(seen.minimum, pixels),
        maximum=np.tile(seen.maximum, pixels),
        mean=np.tile(seen.mean, pixels),
        energy=np.tile(seen.energy, pixels),
        count=seen.count // pixels,
        non_zero_share=seen.non_zero_share,
    )
