"""Channels of one tensor whose ranges are far apart, so that a few take the codes of all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inspectors.agreement.in_front import layers_in_front
from inspectors.agreement.judgement import bounded_where_known
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.finer_codes import EQUALIZATION, lacks_equalization
from inspectors.joins.computing_readers import computing_readers
from inspectors.joins.root_remedies import ENTERING_TYPES
from inspectors.noise.remedies import by_training, by_trial
from utils.findings import Finding, NotChecked, Recommendation, Severity
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.wording import itemized, numbered, rounded

# A channel that is made smaller in front of these comes out smaller by as much.
PROPORTIONAL = ("linear", "relu", "leaky", "prelu")
MAX_NAMED = 3  # channels of a layer


@dataclass(frozen=True)
class Unequal:
    """A layer whose few wide channels take the codes.

    Parameters
    ----------
    wide : numbers of the channels that take them, from 0.
    channels : how many there are.
    reach : largest absolute value of a wide channel.
    typical : the same of a channel in the middle of the others.
    codes, highest : how many that one has, and the largest code of the layer.
    share : part of the layer in the noise of an output, 0 to 1.
    """

    layer: Layer
    wide: tuple[int, ...]
    channels: int
    reach: float
    typical: float
    codes: float
    highest: int
    share: float

    @property
    def named(self) -> str:
        """The wide channels by their numbers."""
        return numbered("channel", self.wide, MAX_NAMED)


class ChannelBalanceInspector(BaseInspector):
    """Do a few channels of a layer leave the others too few codes?

    The channels of a tensor mostly share one scale, so the widest decides what a code is worth for
    all. A batch normalization whose variance was next to 0 in training, or a channel that collects
    what all samples have in common, reaches hundreds of times as far as the others. It takes data:
    judged are layers inside the network that make a third or more of the noise of an output. Layers
    at inputs, at outputs and in front of a choice among channels, which have units of their own,
    are left to other inspectors.

    - `unequal-channels` (info or warning): at most a tenth of the channels of a layer, or one,
      reach so far that half of the others have fewer than 16 of 255 codes. An info where the
      decisions stay as in float. Equalization evens such channels out; by hand they are divided in
      the model, and the weights that read them multiplied. 16 bit has codes for all of them.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.OUTPUT_STATISTICS | Need.NOISE | Need.SENSITIVITY

    FEWEST_CHANNELS = 8  # with fewer, two that differ are nothing unusual
    WIDE_SHARE = 0.1  # of the channels; more are no exceptions
    WIDE_CODES = 0.25  # of those of the layer
    FEW_CODES = 16  # 4 of 8 bits
    LOUD_SHARE = 1 / 3  # of the noise of an output

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so without data: what single channels reach is not stored for every layer."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for all such layers."""
        found = [each for layer in self._judged(context) if (each := self._unequal(context, layer))]
        if not found:
            return
        found.sort(key=lambda each: -each.share)
        layers = tuple(each.layer.name for each in found)
        remedy, recommendation = _remedy(context, found)
        yield Finding(
            id="unequal-channels",
            severity=bounded_where_known(context, Severity.WARNING, layers),
            headline="A few channels of a layer take the codes of the others",
            evidence=itemized([_described(each) for each in found]),
            why="All channels share a scale, so the widest decides what a code is worth.",
            remedy=remedy,
            layers=layers,
            measured={f"codes at {each.layer.name}": each.codes for each in found},
            recommendation=recommendation,
            removes_cause=_can_be_scaled(context.model.network, found[0].layer),
        )

    def _judged(self, context: Context) -> Iterator[Layer]:
        network = context.model.network
        elsewhere = network.feeds_output.union(layers_in_front(context))
        for layer in network:
            if layer.type not in ENTERING_TYPES and layer.name not in elsewhere:
                yield layer

    def _unequal(self, context: Context, layer: Layer) -> Unequal | None:
        measured, encoding = context.measured(layer.name), context.model.encoding(layer.name)
        sensitivity = context.measurements.sensitivity if context.measurements else None
        if measured is None or encoding is None or sensitivity is None:
            return None
        steps, reach = encoding.steps(measured.output.channels), measured.output.reach
        if (
            len(steps) < self.FEWEST_CHANNELS
            or not (steps > 0).all()
            or not np.isfinite(reach).all()
        ):
            return None
        codes, highest = reach / steps, context.model.highest_code(layer.name)
        wide = codes >= self.WIDE_CODES * highest
        others = ~wide & (reach > 0)
        is_exception = 0 < wide.sum() <= max(1.0, self.WIDE_SHARE * len(codes))
        typical = float(np.median(codes[others])) if others.any() else math.inf
        if not is_exception or typical >= self.FEW_CODES:
            return None
        share = sensitivity.largest_share([layer.name])
        if not share >= self.LOUD_SHARE:
            return None
        return Unequal(
            layer,
            tuple(map(int, np.flatnonzero(wide))),
            len(codes),
            float(reach[wide].max()),
            float(np.median(reach[others])),
            typical,
            highest,
            share,
        )


def _described(found: Unequal) -> str:
    reach = "reaches" if len(found.wide) == 1 else "reach"
    others = found.channels - len(found.wide)
    return (
        f"at {found.layer.described()} {found.named} {reach} {rounded(found.reach)}, half of "
        f"the other {others} at most {rounded(found.typical)}, which is {found.codes:.2g} of "
        f"{found.highest} codes; {found.share:.0%} of the noise of an output comes from there"
    )


def _remedy(context: Context, found: Sequence[Unequal]) -> tuple[str, Recommendation | None]:
    if lacks_equalization(context.script):
        question = "Switch equalization back on? Measure before and after."
        return (
            "Switch equalization back on with this line and quantize again.",
            Recommendation((EQUALIZATION,), question, default=False),
        )
    worst = found[0]
    if not _can_be_scaled(context.model.network, worst.layer):
        return by_trial(context) or by_training(context.model), None
    factor = float(f"{worst.reach / worst.typical:.1g}")
    it = "it" if len(worst.wide) == 1 else "them"
    return (
        f"Divide {worst.named} of {worst.layer.name} by about {factor:,g} in the model, "
        f"multiply the weights that read {it} by as much, and quantize again.",
        None,
    )


def _can_be_scaled(network: Network, layer: Layer) -> bool:
    """Whether a channel can be made smaller by its weights, and larger again by those behind."""
    readers = computing_readers(network, layer)
    is_weighted = all(each.type in WEIGHT_TYPES for each in (layer, *readers))
    return is_weighted and layer.activation in PROPORTIONAL
