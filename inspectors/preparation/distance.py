"""How far samples are from those of a calibration, as one number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.dataset.stored_inputs import RANGE_MARGIN
from utils.har.statistics import ChannelStatistics

Floats = NDArray[np.float64]
Values = NDArray[np.floating]

BEYOND = 10.0  # what a value beyond the stored range weighs
FARTHEST = 100.0  # standard deviations, or powers of e; beyond it all is equally far
FAR = 5.0  # beyond it the values are not counted any more
# Of many channels the outermost are left out: heavy tails move some in any two sets of one kind.
# Up to 10 channels, all of them count.
QUANTILE = 0.9
TINY = 1e-6  # of the largest value; what spreads less is constant


def distance(found: ChannelStatistics, values: Values, stored: ChannelStatistics) -> float:
    """Differences of spread and of mean, in powers of e and in spreads, and what lies beyond.

    Parameters
    ----------
    found : of the samples.
    values : some of them, (values, channels).
    stored : of the calibration.

    Returns
    -------
    0 for the samples of the calibration themselves.
    """
    varies = stored.std > TINY * np.abs([stored.low, stored.high]).max()
    if not varies.any():
        return BEYOND * share_beyond(values, stored)
    theirs = stored.std[varies]
    with np.errstate(divide="ignore"):
        spread = np.abs(np.log(found.std[varies] / theirs))
    shift = np.abs(found.mean - stored.mean)[varies] / theirs
    of_moments = _outermost(np.minimum(spread, FARTHEST)) + _outermost(np.minimum(shift, FARTHEST))
    # To count values takes most of the time, and cannot bring near what is far.
    return of_moments if of_moments > FAR else of_moments + BEYOND * share_beyond(values, stored)


def _outermost(values: Floats) -> float:
    return float(np.quantile(values, QUANTILE, method="higher"))


def share_beyond(values: Values, stored: ChannelStatistics) -> float:
    """Share of values (values, channels) that leave the stored range of their channel."""
    if not values.size:
        return 0.0
    margin = RANGE_MARGIN * (stored.maximum - stored.minimum)
    margin = margin + TINY * np.abs([stored.minimum, stored.maximum]).max(axis=0)
    outside = (values < stored.minimum - margin) | (values > stored.maximum + margin)
    return float(outside.mean())
