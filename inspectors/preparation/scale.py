"""Whether samples are as many times as large as a factor says, or nearly so by accident."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspectors.preparation.distance import TINY, distance
from inspectors.preparation.tournament import FITS, OVERSHOOT, Hypothesis
from utils.dataset.sample_digests import InputDigests
from utils.har.statistics import ChannelStatistics

# Relative; by how much standard deviations may differ where many values make them, and where few.
LEAST_OFF, MOST_OFF = 0.03, 0.1
ERRORS = 3.0  # standard errors that a right factor may be off


def measured_ratio(seen: ChannelStatistics, stored: ChannelStatistics) -> float:
    """How many times as large samples are as those of the calibration, by their spread."""
    varies = stored.std > TINY * np.abs([stored.low, stored.high]).max()
    ratios = seen.std[varies] / stored.std[varies]
    return float(np.median(ratios)) if ratios.size else 0.0


def unknown_factor(seen: InputDigests, stored: ChannelStatistics) -> float:
    """The measured ratio, if samples divided by it are like those of the calibration; else 0."""
    ratio = measured_ratio(seen.statistics, stored)
    if ratio == 0.0:
        return 0.0
    factor = np.full(stored.channels, 1.0 / ratio)
    divided = seen.statistics.transformed(factor, np.zeros(stored.channels))
    return ratio if distance(divided, seen.values * factor, stored) <= FITS else 0.0


def ratio_error(seen: InputDigests, calibrated: int) -> float:
    """By how much chance may change that ratio, relative.

    Parameters
    ----------
    calibrated : samples that the archive was calibrated on.
    """
    energy = np.square(seen.spread)
    mean = float(energy.mean()) if energy.size else 0.0
    if mean == 0.0:
        return MOST_OFF
    share = 1 / len(energy) + 1 / max(calibrated, 1)
    off = ERRORS * float(energy.std()) / mean / 2 * math.sqrt(share)
    return min(max(off, LEAST_OFF), MOST_OFF)


def is_measured(found: Hypothesis, stored: ChannelStatistics, error: float) -> bool:
    """Whether the samples bear a factor out; True where no single factor is all that it says.

    Their spread has to agree, or, where nothing is negative, their ends: pixels that reach white
    do so in any unit, whatever they show. Values around 0 have nothing but their spread.
    """
    if not (found.preparation.is_scale or found.preparation.is_unit):
        return True
    seen, factor = found.view.statistics, found.preparation.factor[0]
    if _is_near(measured_ratio(seen, stored), factor, error):
        return True
    if found.preparation.is_unit:
        return False
    is_positive = min(seen.low, stored.low) >= 0.0 < stored.high
    return is_positive and _is_near(seen.high / stored.high, factor, OVERSHOOT)


def _is_near(ratio: float, factor: float, error: float) -> bool:
    return ratio > 0.0 and abs(math.log(ratio / factor)) <= error


def borne_out(
    best: Hypothesis | None,
    found: Sequence[Hypothesis],
    stored: ChannelStatistics,
    error: float,
) -> Hypothesis | None:
    """The best one, or the factor that is as large as measured; None where no known one is.

    Parameters
    ----------
    found : all that were compared.
    error : of the measured ratio, relative.
    """
    if best is None or is_measured(best, stored, error):
        return best
    right = [
        each
        for each in found
        if each.preparation.is_scale
        and each.view.expression == best.view.expression
        and each.distance <= FITS
        and is_measured(each, stored, error)
    ]
    return min(right, key=lambda each: each.distance, default=None)
