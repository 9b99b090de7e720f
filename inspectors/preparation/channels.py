"""Channels that differ from those of the calibration in another way each, and what explains it.

Sensors and tables have channels of different units. So a unit may be another in some of them, their
order may be another, and each may have been scaled by its own ends. None is one step for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import FACTORS, UNIT_FACTORS
from utils.har.image_like import is_image_shaped
from utils.har.statistics import ChannelStatistics

Floats = NDArray[np.float64]

AS_BEFORE = 1.5  # times as large, or divided by it, are spreads of channels that were left alone
LEAST_FACTOR = 4.0  # of the others; less happens to data of one kind
OFF = 0.1  # relative, by how much their spreads may miss a known factor
FEWEST = 2  # of the others; a single one meets one of many factors by chance
# Differences of a mean, in spreads, and of a spread, as a logarithm, up to which a channel may be
# another one, and beyond which it is not itself.
ALIKE, UNLIKE = 0.5, 1.0
CLEARLY = 0.2  # by which the channel that is meant is nearer than any other
LEAST_ORDERED, MOST_ORDERED = 3, 256  # channels
# Of features that were standardized.
LARGEST_MEAN, SPREADS = 0.4, (0.5, 1.6)
LEAST_SCALED = 4  # channels, whose ends or spreads tell how each was scaled
# Where ends were taken from other samples, these lie a little beyond 0 and 1, or end before 1.
LEAST_LOW, LEAST_HIGH, MOST_HIGH = -0.15, 0.4, 2.5
NEGATIVE = -0.3  # that most standardized features reach
MOST = 0.75  # of the channels
LEAST_TURNED = 1.5  # of a spread, by which a mean lies on its side of 0
END_OFF = 0.25  # of a span, by which an end may miss the one that it has to be
GREY = 1e-4  # of a spread, by which channels of grey pictures differ at most
COLOURED = 0.1  # of a spread, by which those of coloured ones do
TINTED = 0.02  # of a spread, by which means or spreads of their channels differ at least
COLOURS = 3


class Fault(Enum):
    """What may be between channels and those of the calibration."""

    UNIT = "some channels have another unit"
    SIGN = "some channels have the opposite sign"
    ORDER = "the channels are in another order"
    BY_ENDS = "each channel was scaled to 0..1, and standardized for the calibration"
    STANDARDIZED = "each channel was standardized, and scaled to 0..1 for the calibration"
    COLOUR = "the pictures are coloured, and were grey for the calibration"
    GREY = "the pictures are grey, and were coloured for the calibration"


@dataclass(frozen=True)
class ChannelFault:
    """What explains how channels differ.

    Parameters
    ----------
    channels : that are concerned; of another order the place of each one that the calibration had,
        empty where more than one order fits.
    factor : how many times as large they are; 0 where that is not the fault.
    """

    fault: Fault
    channels: tuple[int, ...] = ()
    factor: float = 0.0


def channel_fault(seen: InputDigests, stored: ChannelStatistics) -> ChannelFault | None:
    """What distinguishes the channels of an input from those of the calibration, if one does."""
    found = seen.statistics
    if found.channels != stored.channels:
        return None
    if is_image_shaped(seen.shape) and stored.channels in (1, COLOURS):
        return _of_colours(seen, stored) if stored.channels == COLOURS else None
    return (
        _scaled_by_channel(found, stored)
        or _unit(found, stored)
        or _sign(found, stored)
        or _order(found, stored)
    )


def _of_colours(seen: InputDigests, stored: ChannelStatistics) -> ChannelFault | None:
    if _is_grey(stored):
        return ChannelFault(Fault.COLOUR) if _is_coloured(seen) else None
    apart = max(float(np.ptp(stored.mean)), float(np.ptp(stored.std)))
    is_tinted = apart > TINTED * float(stored.std.max())
    return ChannelFault(Fault.GREY) if is_tinted and _is_grey(seen.statistics) else None


def _is_grey(values: ChannelStatistics) -> bool:
    """Whether all channels are the same."""
    limit = GREY * float(values.std.max())
    ends = (values.minimum, values.maximum, values.mean, values.std)
    return limit > 0 and all(float(np.ptp(each)) <= limit for each in ends)


def _is_coloured(seen: InputDigests) -> bool:
    values = seen.values.astype(np.float64)
    spread = float(values.std()) if values.size else 0.0
    off = np.abs(values - values.mean(axis=1, keepdims=True)).mean() if values.size else 0.0
    return spread > 0 and bool(off > COLOURED * spread)


def _scaled_by_channel(found: ChannelStatistics, stored: ChannelStatistics) -> ChannelFault | None:
    if found.channels < LEAST_SCALED:
        return None
    if _is_standardized(stored) and _is_scaled_to_unit(found):
        return ChannelFault(Fault.BY_ENDS)
    if _is_standardized(found) and _is_scaled_to_unit(stored):
        return ChannelFault(Fault.STANDARDIZED)
    return None


def _is_standardized(values: ChannelStatistics) -> bool:
    varies = values.std > 0
    low, high = SPREADS
    near = (np.abs(values.mean) <= LARGEST_MEAN) & (values.std >= low) & (values.std <= high)
    near &= values.minimum <= NEGATIVE
    return bool(varies.any() and near[varies].mean() >= MOST)


def _is_scaled_to_unit(values: ChannelStatistics) -> bool:
    varies = values.std > 0
    reach = values.maximum >= LEAST_HIGH
    is_within = values.low >= LEAST_LOW and values.high <= MOST_HIGH
    return bool(varies.any() and is_within and reach[varies].mean() >= MOST)


def _unit(found: ChannelStatistics, stored: ChannelStatistics) -> ChannelFault | None:
    varies = (stored.std > 0) & (found.std > 0)
    logs = np.zeros(stored.channels)
    logs[varies] = np.log(found.std[varies] / stored.std[varies])
    others = np.abs(logs) >= np.log(LEAST_FACTOR)
    left = varies & (np.abs(logs) <= np.log(AS_BEFORE))
    if int(others.sum()) < FEWEST or not left.any() or not (others | left | ~varies).all():
        return None
    for factor, *_ in (*FACTORS, *UNIT_FACTORS):
        for each in (factor, 1 / factor):
            if (np.abs(logs[others] - np.log(each)) <= OFF).all():
                return ChannelFault(Fault.UNIT, tuple(np.flatnonzero(others).tolist()), each)
    return None


def _sign(found: ChannelStatistics, stored: ChannelStatistics) -> ChannelFault | None:
    """Axes that point the other way: of a sensor that is mounted upside down, for instance."""
    varies = (stored.std > 0) & (found.std > 0)
    if not varies.any():
        return None
    std = np.where(varies, stored.std, 1.0)
    spread = np.abs(np.log(np.where(varies, found.std, 1.0) / std))
    is_spread_alike = spread <= ALIKE
    as_is = np.abs(found.mean - stored.mean) <= ALIKE * std
    turned = np.abs(found.mean + stored.mean) <= ALIKE * std
    span = END_OFF * (stored.maximum - stored.minimum)
    turned &= np.abs(found.minimum + stored.maximum) <= span
    turned &= np.abs(found.maximum + stored.minimum) <= span
    turned &= varies & is_spread_alike & (np.abs(stored.mean) >= LEAST_TURNED * std)
    is_left = ~varies | (is_spread_alike & as_is)
    if not turned.any() or not (turned | is_left).all():
        return None
    return ChannelFault(Fault.SIGN, tuple(np.flatnonzero(turned).tolist()))


def _order(found: ChannelStatistics, stored: ChannelStatistics) -> ChannelFault | None:
    if not LEAST_ORDERED <= stored.channels <= MOST_ORDERED or not (stored.std > 0).all():
        return None
    apart = _apart(found, stored)
    # Where channels are as they should be, none has to be looked for elsewhere.
    if np.count_nonzero(np.diagonal(apart) > UNLIKE) < FEWEST or not _is_matched(apart <= ALIKE):
        return None
    places = np.argmin(apart, axis=0)
    nearest, second = np.sort(apart, axis=0)[:2]
    is_clear = len(set(places.tolist())) == len(places) and (second - nearest >= CLEARLY).all()
    return ChannelFault(Fault.ORDER, tuple(places.tolist()) if is_clear else ())


def _apart(found: ChannelStatistics, stored: ChannelStatistics) -> Floats:
    """How unlike each channel of the samples (rows) is to each one of the calibration."""
    with np.errstate(divide="ignore"):
        spread = np.abs(np.log(found.std[:, None] / stored.std[None]))
    shift = np.abs(found.mean[:, None] - stored.mean[None]) / stored.std[None]
    apart: Floats = np.maximum(spread, shift)
    return apart


def _is_matched(is_alike: NDArray[np.bool_]) -> bool:
    """Whether each channel of the calibration (columns) finds one of the samples for itself."""
    taken: dict[int, int] = {}

    def find(wanted: int, tried: set[int]) -> bool:
        for own in np.flatnonzero(is_alike[:, wanted]).tolist():
            if own in tried:
                continue
            tried.add(own)
            if own not in taken or find(taken[own], tried):
                taken[own] = wanted
                return True
        return False

    return all(find(wanted, set()) for wanted in range(is_alike.shape[1]))
