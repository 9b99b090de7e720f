"""Bars around pictures that were shrunk to fit, where calibration saw pictures without them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.preparation.difference import SAME_KIND
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics

Floats = NDArray[np.float64]

# Of a picture. Thinner bars change too little to be told; more is no picture with bars.
LEAST_SHARE, MOST_SHARE = 0.05, 0.7
FEWEST_LOOKED_AT = 4  # samples
# Standard errors of the spread, as a logarithm, by which pictures with bars have to be apart from
# those of the calibration, and within which they are alike without; and the least of it at all.
APART, NEARLY, LEAST = 4.0, 2.0, 0.05
MEANS_APART = 0.5  # standard deviations; light differs more from set to set than contrast


@dataclass(frozen=True, eq=False)
class Bars:
    """One colour at the same places of all samples.

    Parameters
    ----------
    share : of the places, 0 to 1.
    colour : its value in every channel, (channels,).
    """

    share: float
    colour: Floats

    def removed_from(self, values: ChannelStatistics) -> tuple[Floats, Floats]:
        """Mean and standard deviation of every channel of what lies between them."""
        left = 1.0 - self.share
        mean = (values.mean - self.share * self.colour) / left
        energy = (values.energy - self.share * self.colour**2) / left
        return mean, np.sqrt(np.maximum(energy - mean**2, 0.0))


def bars_of(seen: InputDigests) -> Bars | None:
    """The bars of pictures; None where there are none, or nothing was looked at closely."""
    reading = seen.readings.get("x")
    number = len(reading.correlation) if reading else 0
    if reading is None or not seen.is_image_like or number < FEWEST_LOOKED_AT:
        return None
    places = reading.values.reshape(number, -1, reading.values.shape[1])
    still = places[0][(np.ptp(places, axis=0) == 0).all(axis=1)]
    if not len(still):
        return None
    colours, counts = np.unique(still, axis=0, return_counts=True)
    share = int(counts.max()) / places.shape[1]
    if not LEAST_SHARE <= share <= MOST_SHARE:
        return None
    return Bars(share, colours[counts.argmax()].astype(np.float64))


def bars_not_calibrated(
    samples: SampleDigests, name: str, stored: ChannelStatistics, calibrated: int
) -> Bars | None:
    """Bars of the samples without which they spread as those of the calibration; None without.

    Parameters
    ----------
    name : of the input.
    stored : of the calibration.
    calibrated : samples that the archive was calibrated on.
    """
    seen = samples.inputs[name]
    bars = bars_of(seen) if samples.different >= SAME_KIND.samples else None
    if bars is None or stored.channels != len(bars.colour) or not (stored.std > 0).all():
        return None
    mean, spread = bars.removed_from(seen.statistics)
    if not (spread > 0).all() or not (seen.statistics.std > 0).all():
        return None
    varied = float(seen.spread.std() / max(float(seen.spread.mean()), np.finfo(float).tiny))
    error = varied * math.sqrt(1 / samples.different + 1 / calibrated)
    with_bars = abs(float(np.log(seen.statistics.std / stored.std).mean()))
    without = abs(float(np.log(spread / stored.std).mean()))
    is_mean_near = (np.abs(mean - stored.mean) <= MEANS_APART * stored.std).all()
    is_apart = with_bars > max(APART * error, LEAST)
    return bars if is_apart and is_mean_near and without <= NEARLY * error else None


def of_bars(
    layer: Layer, bars: Bars, seen: ChannelStatistics, stored: ChannelStatistics
) -> Finding:
    """That pictures were shrunk to fit, as those of the calibration were not."""
    _, without = bars.removed_from(seen)
    ratio, alone = (float(np.exp(np.log(x / stored.std).mean())) for x in (seen.std, without))
    colour = ", ".join(f"{value:g}" for value in bars.colour)
    return Finding(
        id="dataset-differs",
        severity=Severity.WARNING,
        headline="Bars surround the pictures, and the calibration seems to have seen none",
        evidence=f"{bars.share:.0%} of every sample of {layer.described()} have one colour "
        f"({colour}) at the same places; the values spread {ratio:.2f} times as far as those that "
        f"calibration saw, and {alone:.2f} times without these bars",
        why="A picture that is shrunk to fit between bars shows things in another size than one "
        "that is stretched or cut.",
        remedy="Prepare these data and those of the calibration in one way, that of the training.",
        layers=(layer.name,),
        measured={"bars": bars.share, "spread": ratio, "spread_without_bars": alone},
    )
