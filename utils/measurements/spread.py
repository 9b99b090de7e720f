"""How the measured values of a layer lie in its calibrated range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.measurements import Histogram, LayerMeasurement


@dataclass(frozen=True)
class Side:
    """One end of a calibrated range.

    Parameters
    ----------
    name : ``lower`` or ``upper``.
    bound : where the range ends.
    farthest : the measured value that lies farthest out.
    tail : share of the whole range, from the bound inwards, that is as good as empty.
    beyond : number of values outside; 0 if none is farther out than rounding explains.
    samples_beyond : number of samples with such values.
    """

    name: str
    bound: float
    farthest: float
    tail: float
    beyond: int
    samples_beyond: int

    @property
    def reach(self) -> float:
        """How far the data come, as a share of the bound, which must not be 0."""
        return self.farthest / self.bound


@dataclass(frozen=True)
class Spread:
    """The values of one layer in its calibrated range.

    Parameters
    ----------
    layer : the layer.
    low, high : the ends of the range.
    total : number of values seen, at least 1.
    was_clipped : whether calibration itself saw values outside the range.
    """

    layer: Layer
    low: Side
    high: Side
    total: int
    was_clipped: bool

    @property
    def sides(self) -> tuple[Side, ...]:
        """The ends that can have a tail; 0 is always a code, so a bound of 0 has none."""
        return tuple(side for side in (self.low, self.high) if side.bound)

    @property
    def least_reach(self) -> float:
        """How far the data come on the side where they stay farther inside, 0 or more."""
        return max(0.0, min(side.reach for side in self.sides))

    @property
    def filled(self) -> float:
        """Share of the range that the data reach over, 0 to 1; 0 always belongs to both."""
        width = self.high.bound - self.low.bound
        low = max(min(self.low.farthest, 0.0), self.low.bound)
        high = min(max(self.high.farthest, 0.0), self.high.bound)
        return (high - low) / width if width > 0 else 1.0

    def share_beyond(self, by_chance: float) -> float:
        """Share of all values outside, 0 to 1, on the sides that chance does not explain.

        Parameters
        ----------
        by_chance : how many samples may pass a bound. Samples are counted, not values: one
            unusual sample pushes many values out at once, but samples are independent.
        """
        sides = [side for side in (self.low, self.high) if side.samples_beyond > by_chance]
        return sum(side.beyond for side in sides) / self.total

    def range_without_tails(self, sides: Sequence[Side]) -> tuple[float, float]:
        """The range (low, high) without the tails of these sides."""
        width = self.high.bound - self.low.bound
        low = self.low.bound + (width * self.low.tail if self.low in sides else 0.0)
        high = self.high.bound - (width * self.high.tail if self.high in sides else 0.0)
        return low, high


def spread_of(
    model: Model, layer: Layer, measured: LayerMeasurement | None, tail_values: int
) -> Spread | None:
    """How measured values lie in their range; None without a histogram.

    Parameters
    ----------
    model : tells the codes, and what calibration saw.
    layer : the layer that was measured.
    measured : its statistics and histogram.
    tail_values : how many values a part of the range may hold and count as empty.
    """
    histogram = measured.histogram if measured else None
    if measured is None or histogram is None or not histogram.total:
        return None
    low, high, output = histogram.low, histogram.high, measured.output
    low_tail, high_tail = tails(histogram, tail_values)
    # A bound is only known to about a float's precision, and what lies within half a code of
    # the last one loses no more than any other value: all that is clipped at 6 by a relu6, say.
    margin = (high - low) / model.highest_code(layer.name) / 2
    below = above = (0, 0)
    if output.low < low - margin:
        below = (histogram.below, histogram.samples_below)
    if output.high > high + margin:
        above = (histogram.above, histogram.samples_above)
    seen = model.stored_statistics(layer.name, "output_0")
    return Spread(
        layer,
        Side("lower", low, output.low, low_tail, *below),
        Side("upper", high, output.high, high_tail, *above),
        histogram.total,
        was_clipped=seen is not None and (seen.low < low - margin or seen.high > high + margin),
    )


def tails(histogram: Histogram, limit: int) -> tuple[float, float]:
    """Shares of a range, at its lower and upper end, that hold at most `limit` values.

    Values beyond the bound count as well: clipping would move them further. No tail reaches
    over 0, which is always a code.
    """
    low, high, counts = histogram.low, histogram.high, histogram.counts
    if not high > low:
        return 0.0, 0.0
    lower = _empty_bins(counts, histogram.below, limit) / len(counts)
    upper = _empty_bins(counts[::-1], histogram.above, limit) / len(counts)
    return min(lower, max(-low, 0.0) / (high - low)), min(upper, max(high, 0.0) / (high - low))


def _empty_bins(counts: NDArray[np.int64], beyond: int, limit: int) -> int:
    return int(np.searchsorted(np.cumsum(counts) + beyond, limit, side="right"))


def count_by_chance(samples: int, calibrated: int, probability: float) -> float:
    """How many samples at most pass the extremes of the calibration set by chance.

    If new and calibrated samples are of the same kind, those with the k largest values are all
    new ones with a probability of at most (samples / (samples + calibrated))^k.

    Parameters
    ----------
    samples : how many were measured, at least 1.
    calibrated : how many the range was taken from, at least 1.
    probability : how rarely a larger count comes by chance, above 0 and below 1.
    """
    return math.log(probability) / math.log(samples / (samples + calibrated))


def has_forced_range(network: Network, layer: Layer) -> bool:
    """Whether the codes of a layer span [0, 1] whatever calibration saw."""
    is_sigmoid_output = layer.activation == "sigmoid" and layer.name in network.feeds_output
    return layer.type == "softmax" or is_sigmoid_output
