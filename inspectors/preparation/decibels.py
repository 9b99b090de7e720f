"""Samples in power or amplitude, where the calibration saw decibels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspectors.preparation.distance import distance
from inspectors.preparation.tournament import FITS, Hypothesis
from inspectors.preparation.views import views
from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import Preparation
from utils.har.statistics import ChannelStatistics

# Spectrograms of 16 bit end 96 dB below their loudest place, and what measures sound at some 200.
LOWEST, HIGHEST = -250.0, 200.0
SHORTEST = 20.0  # decibels between the ends; less is no spectrogram


def in_decibels(seen: InputDigests, stored: ChannelStatistics) -> Hypothesis | None:
    """What makes decibels of samples that have none, if they then fit the calibration."""
    is_span = LOWEST <= stored.low < 0 and stored.high <= HIGHEST
    if not is_span or stored.high - stored.low < SHORTEST or seen.statistics.low < 0:
        return None
    view = next(iter(views(seen)))
    found = []
    for kind, factor in (("power", 10.0), ("amplitude", 20.0)):
        # What lies below the stored range was cut off there.
        floor = 10 ** (stored.low / factor)
        values = factor * np.log10(np.maximum(seen.values.astype(np.float64), floor))
        done = Preparation(
            f"in {kind} instead of decibels",
            f"{factor:g} * np.log10(np.maximum({{x}}, {floor:.3g}))",
            (1.0,),
            is_curved=True,
        )
        found.append(Hypothesis(view, done, distance(statistics_of_values(values), values, stored)))
    best = min(found, key=lambda each: each.distance)
    return best if best.distance <= FITS else None


def statistics_of_values(values: NDArray[np.float64]) -> ChannelStatistics:
    """Of the channels of some values, (values, channels)."""
    return ChannelStatistics(
        values.min(axis=0), values.max(axis=0), values.mean(axis=0), (values**2).mean(axis=0)
    )
