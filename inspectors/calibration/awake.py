"""Which of two suits a network: the data given, or those of its calibration.

Training makes use of nearly all channels. Where many sleep on one of the two and fire on the
other, it is the other that is as in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from inspectors.base_inspector import Context
from inspectors.firing_channels import MANY, ChannelShare, rectified
from inspectors.normalization.judged_input import first_answer, normalized_input
from inspectors.normalization.limits import USUAL
from inspectors.normalization.sides import is_archive_right
from utils.har.network import Layer

CLEARLY = 3.0  # times as many as there are the other way


class Suits(Enum):
    """What channels show to be as in training."""

    DATA = auto()  # those given
    CALIBRATION = auto()  # those of the calibration


@dataclass(frozen=True)
class Shown:
    """Which of the two is as in training, and the layer that shows it best."""

    suits: Suits
    by: ChannelShare

    def described(self) -> str:
        """What was counted, as a clause."""
        if self.suits is Suits.DATA:
            return f"{self.by.described()} never fired in calibration and fire on these data"
        return f"{self.by.described()} fired in calibration and never fire on these data"


def shown_by_channels(context: Context, entry: Layer) -> Shown | None:
    """What the channels behind an input show; None where they show nothing clear.

    Values that are far too large wake channels as well, and so do values that belong to an
    archive whose own are known to be right.
    """
    woken, asleep = [], []
    for layer, now, before in rectified(context, entry):
        if now is not None:
            woken.append(ChannelShare(layer, int((now & ~before).sum()), now.size))
            asleep.append(ChannelShare(layer, int((before & ~now).sum()), now.size))
    if not woken:
        return None
    woke, slept = (max(each, key=lambda found: found.share) for each in (woken, asleep))
    if woke.share > MANY and woke.share > CLEARLY * slept.share and _may_suit(context, entry):
        return Shown(Suits.DATA, woke)
    if slept.share > MANY and slept.share > CLEARLY * woke.share:
        return Shown(Suits.CALIBRATION, slept)
    return None


def _may_suit(context: Context, entry: Layer) -> bool:
    """Whether data are as large as a network takes them, and no archive is right beside them."""
    given, first = normalized_input(context, entry), first_answer(context, entry)
    if given.steps:
        return USUAL.breach(given, first) is None and not is_archive_right(context, entry)
    return first.spread >= USUAL.lowest_first_spread and not USUAL.exceeds(first)
