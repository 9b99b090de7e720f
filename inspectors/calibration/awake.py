"""Which of two suit a network: the data given, or those of its calibration.

Training makes use of nearly all channels. Where many sleep on one of the two and fire on the
other, it is the other that is as in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization.judged_input import first_answer, normalized_input
from inspectors.normalization.limits import USUAL
from inspectors.normalization.sides import is_archive_right
from utils.har.network import Layer
from utils.har.reach import reached_from
from utils.har.weight_channels import RECTIFIERS, Flags, channels_by_layer

FEWEST_CHANNELS = 8  # of a layer; with fewer, one or two channels are a large share
MANY = 0.1  # share of a layer's channels; networks that were trained well leave fewer asleep
CLEARLY = 3.0  # times as many as there are the other way


class Suits(Enum):
    """What channels show to be as in training."""

    DATA = "the data given"
    CALIBRATION = "the data of the calibration"


@dataclass(frozen=True)
class Changed:
    """Channels of one layer that fire on one of the two and sleep on the other."""

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


@dataclass(frozen=True)
class Shown:
    """Which of the two is as in training, and the layer that shows it best."""

    suits: Suits
    by: Changed

    def described(self) -> str:
        """What was counted, as a clause."""
        if self.suits is Suits.DATA:
            return f"{self.by.described()} never fired in calibration and fire on these data"
        return f"{self.by.described()} fired in calibration and never fire on these data"


def shown_by_channels(context: Context, entry: Layer) -> Shown | None:
    """What the channels behind an input show; None where that is nothing clear.

    Values that are far too large wake channels as well, and so do values that belong to an
    archive whose own are known to be right.
    """
    woken, asleep = [], []
    for layer, now, before in _rectified(context, entry):
        woken.append(Changed(layer, int((now & ~before).sum()), now.size))
        asleep.append(Changed(layer, int((before & ~now).sum()), now.size))
    if not woken:
        return None
    woke, slept = (max(each, key=lambda found: found.share) for each in (woken, asleep))
    if woke.share > MANY and woke.share > CLEARLY * slept.share and _may_suit(context, entry):
        return Shown(Suits.DATA, woke)
    if slept.share > MANY and slept.share > CLEARLY * woke.share:
        return Shown(Suits.CALIBRATION, slept)
    return None


def _rectified(context: Context, entry: Layer) -> Iterator[tuple[Layer, Flags, Flags]]:
    """Layers behind an input, with the channels that fire on the data, and in calibration."""
    behind = reached_from(context.model.network, [entry.name])
    for name, channels in context.model.known(channels_by_layer).items():
        measured = context.measured(name)
        sums = measured.preactivation if measured else None
        is_rectified = channels.layer.activation in RECTIFIERS and name in behind
        if not is_rectified or channels.asleep is None or sums is None:
            continue
        if channels.count >= FEWEST_CHANNELS and sums.maximum.size == channels.count:
            fires: Flags = np.asarray(sums.maximum > 0.0)
            yield channels.layer, fires, ~channels.asleep


def _may_suit(context: Context, entry: Layer) -> bool:
    """Whether data are as large as a network takes them, and no archive is right beside them."""
    given, first = normalized_input(context, entry), first_answer(context, entry)
    if given.steps:
        return USUAL.breach(given, first) is None and not is_archive_right(context, entry)
    return first.spread >= USUAL.lowest_first_spread and not USUAL.exceeds(first)
