"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Network


def noise_images(
    network: Network, digests: SampleDigests, blank: NDArray[np.bool_], lowest: float
) -> Iterator[Finding]:
    """One finding for each input whose pictures are noise.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    lowest : correlation of neighbouring pixels that pictures have at least, as their median.
    """
    for name, seen in digests.inputs.items():
        if seen.correlation is None or not seen.is_image_like:
            continue
        known = seen.correlation[~blank & np.isfinite(seen.correlation)]
        median = float(np.median(known)) if known.size else 1.0
        if median < lowest:
            yield Finding(
                id="calibration-noise",
                severity=Severity.ERROR,
                headline=f"The samples of {network[name].described()} look like noise, not like "
                f"pictures: neighbouring pixels correlate by {median:.2f} (median), pictures by "
                "0.7 and more; ranges calibrated on noise fit no picture, so take real ones "
                "(no numpy.random, no --use-random-calib-set), or look whether a reshape "
                "scrambled them",
                layers=(name,),
                measured={"correlation": median},
            )
