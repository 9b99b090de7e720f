"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.preparation.judged import prepared_inputs
from inspectors.preparation.noise import neighbours_correlate
from inspectors.quantizing_again import quantize_again
from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity


def noise_images(
    context: Context, digests: SampleDigests, blank: NDArray[np.bool_], lowest: float
) -> Iterator[Finding]:
    """One finding for each input whose pictures are noise.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    lowest : correlation of neighbouring pixels that pictures have at least, as their median.
    """
    network = context.model.network
    for name, seen in digests.inputs.items():
        median = neighbours_correlate(seen, blank)
        if median < lowest:
            is_given_alone = _calibration_saw_others(context, name)
            yield Finding(
                id="calibration-noise",
                severity=Severity.ERROR,
                headline="The samples look like noise, not like pictures",
                evidence=f"neighbouring pixels of {network[name].described()} correlate by "
                f"{round(median, 2) + 0.0:.2f} in the median sample, those of pictures by 0.7 and "
                "more",
                why="The archive was calibrated on other data, and what is measured with noise "
                "says nothing of these."
                if is_given_alone
                else "Ranges that are calibrated on noise fit no picture.",
                remedy="Pass real pictures, such as those that the archive was calibrated on."
                if is_given_alone
                else "Calibrate on real pictures.",
                command="" if is_given_alone else quantize_again(context),
                layers=(name,),
                measured={"correlation": median},
            )


def _calibration_saw_others(context: Context, name: str) -> bool:
    """Whether what the archive stores of an input is unlike the samples given now."""
    prepared = context.known(prepared_inputs).get(name)
    return prepared is not None and prepared.difference is not None
