"""Pictures of one light only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.wording import plural, rounded

EIGHT_BIT = "uint8"
SHARE = 0.999  # of the values, that lie in the part that is used
BRIGHT = 2.0  # what was divided by 255 and cast holds only 0 and 1


def narrow_ranges(network: Network, digests: SampleDigests, narrow: float) -> Iterator[Finding]:
    """One finding for each input whose pictures use a small part of 0..255.

    Parameters
    ----------
    narrow : grey levels that they have to span, in all but a few values.
    """
    for name, seen in digests.inputs.items():
        if seen.dtype != EIGHT_BIT or not seen.is_image_like or not seen.values.size:
            continue
        low, high = np.quantile(seen.values, [1 - SHARE, SHARE])
        if high > BRIGHT and high - low < narrow:
            yield Finding(
                id="calibration-narrow-range",
                severity=Severity.INFO,
                headline="The pictures use a small part of the values that pixels can take",
                evidence=f"{SHARE:.1%} of the pixels of {network[name].described()} lie between "
                f"{rounded(low)} and {rounded(high)} of 255 in {plural(digests.samples, 'sample')}",
                why="Pictures in other light will lie outside the calibrated range.",
                remedy="Add pictures of all conditions that the network will see.",
                layers=(name,),
                measured={"low": float(low), "high": float(high)},
            )
