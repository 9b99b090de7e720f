"""Channels behind rectifiers that fire, or sleep, on the data given and in calibration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from utils.har.network import Layer
from utils.har.reach import reached_from
from utils.har.weight_channels import RECTIFIERS, Flags, channels_by_layer

FEWEST_CHANNELS = 8  # of a layer; with fewer, one or two channels are a large share
MANY = 0.1  # share of a layer's channels; networks that were trained well leave fewer asleep


@dataclass(frozen=True)
class ChannelShare:
    """Some channels of one layer."""

    layer: Layer
    count: int
    of: int

    @property
    def share(self) -> float:
        """Of all channels of the layer."""
        return self.count / self.of

    def described(self) -> str:
        """How many of which layer."""
        return f"{self.count} of {self.of} channels ({self.share:.0%}) of {self.layer.described()}"


def rectified(context: Context, entry: Layer) -> Iterator[tuple[Layer, Flags | None, Flags]]:
    """Layers behind an input, with the channels that fire on the data, and in calibration.

    What fires on the data is None where that was not measured.
    """
    behind = reached_from(context.model.network, [entry.name])
    for name, channels in context.model.known(channels_by_layer).items():
        is_rectified = channels.layer.activation in RECTIFIERS and name in behind
        if not is_rectified or channels.asleep is None or channels.count < FEWEST_CHANNELS:
            continue
        measured = context.measured(name)
        sums = measured.preactivation if measured else None
        is_known = sums is not None and sums.maximum.size == channels.count
        fires: Flags | None = np.asarray(sums.maximum > 0.0) if sums and is_known else None
        yield channels.layer, fires, ~channels.asleep


def mostly_asleep(context: Context, entry: Layer) -> ChannelShare | None:
    """The layer behind an input of which most channels never fire; None where they are few.

    On the data, where that was measured, else in calibration.
    """
    asleep = []
    for layer, now, before in rectified(context, entry):
        fires = before if now is None else now
        asleep.append(ChannelShare(layer, int((~fires).sum()), fires.size))
    worst = max(asleep, key=lambda found: found.share, default=None)
    return worst if worst is not None and worst.share > MANY else None


def has_sleepers(context: Context) -> bool:
    """Whether many channels behind an input never fire: then the data are wrong, however narrow."""
    inputs = context.model.network.input_layers
    return any(mostly_asleep(context, layer) is not None for layer in inputs)
