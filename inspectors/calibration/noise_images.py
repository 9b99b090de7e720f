"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspectors.preparation.noise import neighbours_correlate
from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Network


def noise_images(
    network: Network,
    digests: SampleDigests,
    blank: NDArray[np.bool_],
    lowest: float,
    command: str = "",
) -> Iterator[Finding]:
    """One finding for each input whose pictures are noise.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    lowest : correlation of neighbouring pixels that pictures have at least, as their median.
    command : that calibrates on others.
    """
    for name, seen in digests.inputs.items():
        median = neighbours_correlate(seen, blank)
        if median < lowest:
            yield Finding(
                id="calibration-noise",
                severity=Severity.ERROR,
                headline="The samples look like noise, not like pictures",
                evidence=f"neighbouring pixels of {network[name].described()} correlate by "
                f"{round(median, 2) + 0.0:.2f} in the median sample, those of pictures by 0.7 and "
                "more",
                why="Ranges that are calibrated on noise fit no picture.",
                remedy="Calibrate on real pictures.",
                command=command,
                layers=(name,),
                measured={"correlation": median},
            )
