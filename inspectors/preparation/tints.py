"""Red and blue that were exchanged between samples and those of the calibration."""

from __future__ import annotations

import math

from inspectors.preparation.difference import SAME_KIND
from inspectors.preparation.views import COLOURS
from utils.dataset.sample_digests import SampleDigests
from utils.har.statistics import ChannelStatistics

# Standard errors by which two tints have to be apart, and by which one may miss the other where red
# and blue are exchanged: both lie on their side of grey then. Of pictures of one kind 5 are 1 in
# 10^6; pictures of another tint may be as far apart, but meet it exchanged by chance alone.
APART, NEARLY = 5.0, 3.0


def is_tint_reversed(
    samples: SampleDigests, name: str, stored: ChannelStatistics, calibrated: int
) -> bool:
    """Whether pictures lean as far towards blue as those of the calibration towards red.

    Light changes all channels of a picture alike, so the difference of two channels varies far less
    from picture to picture than their means do, and is known from few of them.

    Parameters
    ----------
    name : of the input.
    stored : of the calibration.
    calibrated : samples that the archive was calibrated on.
    """
    seen = samples.inputs[name]
    number = len(seen.spread)
    if not seen.is_image_like or seen.shape[2] != COLOURS or stored.channels != COLOURS:
        return False
    if samples.different < SAME_KIND.samples or len(seen.values) % number:
        return False
    of_samples = (seen.values[:, 0] - seen.values[:, 2]).reshape(number, -1).mean(axis=1)
    error = float(of_samples.std()) * math.sqrt(1 / samples.different + 1 / calibrated)
    tint, theirs = (float(each.mean[0] - each.mean[2]) for each in (seen.statistics, stored))
    return abs(tint - theirs) > APART * error and abs(tint + theirs) <= NEARLY * error
