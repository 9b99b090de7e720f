"""Layers whose calibrated range belongs to a few samples."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from inspectors.base_inspector import Context
from utils.har.network import Layer
from utils.measurements.peaks import FEW, Farthest, Peaks
from utils.measurements.spread import has_forced_range
from utils.wording import interval

Range = tuple[float, float]


@dataclass(frozen=True)
class FewLimits:
    """From when on a range belongs to a few samples.

    Parameters
    ----------
    share : of the samples, that is few.
    narrowed : share of the range, which the others need at most.
    reach : how near the data have to come to a bound, as a share of it, and how far beyond.
    codes : that the others use at most.
    """

    share: float
    narrowed: float
    reach: float
    codes: int

    def few(self, samples: int) -> int:
        """How many of so many samples are few."""
        return min(int(self.share * samples), FEW)


@dataclass(frozen=True)
class SetByFew:
    """One such layer.

    Parameters
    ----------
    places : of the few samples in the file, ascending.
    covered : the calibrated range of the widest channel.
    others : what the others need of it, with 0, which is always a code.
    codes, of : how many codes the others use, of how many.
    """

    layer: Layer
    places: tuple[int, ...]
    covered: Range
    others: Range
    codes: int
    of: int

    def is_narrow(self, limits: FewLimits) -> bool:
        """Whether the others need so little of the range, and so few codes."""
        (low, high), (lowest, highest) = self.others, self.covered
        return high - low <= limits.narrowed * (highest - lowest) and self.codes <= limits.codes

    def described(self) -> str:
        """Ranges and codes."""
        return (
            f"{self.layer.described()} is calibrated for {interval(*self.covered)}, all other "
            f"samples stay within {interval(*self.others)} and use {self.codes} of {self.of} codes"
        )


@dataclass(frozen=True, eq=False)
class _Coded:
    """A layer, its reach in codes counted from that of 0, and where its codes end."""

    layer: Layer
    peaks: Peaks
    lowest: float
    highest: float
    step: float

    def without(self, places: Collection[int]) -> Range:
        """What all samples but these need, in codes, with 0."""
        low, high = self.peaks.without(places)
        return max(min(low, 0.0), self.lowest), min(max(high, 0.0), self.highest)


def ranges_of_few(context: Context, limits: FewLimits) -> list[SetByFew]:
    """Layers whose range the same few samples set, in the order of the network."""
    few = limits.few(context.measurements.samples) if context.measurements else 0
    loud = {coded: _loud(coded, limits) for coded in _coded_layers(context)}
    alone = {coded: places for coded, places in loud.items() if 0 < len(places) <= few}
    # What other samples set is another matter; those come first that set most.
    most = max(alone.values(), key=len, default=frozenset())
    found = [_without(context, coded, most) for coded, own in alone.items() if own <= most]
    return [each for each in found if each.is_narrow(limits)]


def narrowed_ranges(context: Context, places: Collection[int], least: float) -> dict[str, Range]:
    """Range of every layer without some samples, where that is narrower.

    A layer with the codes of the one before it, as a pool may have, follows that one.

    Parameters
    ----------
    places : of the samples in the file, at most eight.
    least : share of the range by which it has to be narrower.
    """
    found: dict[str, Range] = {}
    for coded in _coded_layers(context):
        if source := followed(context, coded.layer):
            found |= {coded.layer.name: found[source]} if source in found else {}
            continue
        low, high = coded.without(places)
        share = (high - low) / (coded.highest - coded.lowest)
        if share <= 1 - least and high > low:
            found[coded.layer.name] = (low * coded.step, high * coded.step)
    return found


def followed(context: Context, layer: Layer) -> str:
    """The layer before a pool, where its codes are those of the pool as well; else ""."""
    if layer.type != "avgpool" or len(layer.inputs) != 1:
        return ""
    own, before = (context.model.encoding(name) for name in (layer.name, layer.inputs[0]))
    if own is None or before is None or not np.array_equal(own.scales, before.scales):
        return ""
    return layer.inputs[0] if np.array_equal(own.zero_points, before.zero_points) else ""


def _coded_layers(context: Context) -> Iterator[_Coded]:
    network = context.model.network
    for layer in network:
        measured, encoding = context.measured(layer.name), context.model.encoding(layer.name)
        is_own = not layer.is_pass_through and not has_forced_range(network, layer)
        if not is_own or layer.type == "const_input" or measured is None or encoding is None:
            continue
        if measured.peaks is not None and encoding.high > encoding.low:
            step = float(encoding.scales.max())
            ends = (encoding.low / step, encoding.high / step)
            yield _Coded(layer, measured.peaks, *ends, step)


def _loud(coded: _Coded, limits: FewLimits) -> frozenset[int]:
    return frozenset(
        (
            *_alone(coded.peaks.lowest, coded.lowest, limits),
            *_alone(coded.peaks.highest, coded.highest, limits),
        )
    )


def _without(context: Context, coded: _Coded, places: Collection[int]) -> SetByFew:
    low, high = coded.without(places)
    lowest_used, highest_used = coded.peaks.without(places)
    return SetByFew(
        coded.layer,
        tuple(sorted(places)),
        (coded.lowest * coded.step, coded.highest * coded.step),
        (low * coded.step, high * coded.step),
        ceil(highest_used - lowest_used) + 1,
        context.model.highest_code(coded.layer.name) + 1,
    )


def _alone(end: Farthest, bound: float, limits: FewLimits) -> list[int]:
    """The fewest samples without which an end is half as far, if these data set it; else none."""
    if not bound or not end.codes.size:
        return []
    if not limits.reach <= end.codes[0] / bound <= 1 / limits.reach:
        return []
    loud = end.codes / bound > limits.narrowed
    return [] if loud.all() else [int(place) for place in end.places[loud]]
