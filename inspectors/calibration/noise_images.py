"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration.random_calibration import NoiseTest
from inspectors.preparation.judged import prepared_inputs
from inspectors.preparation.noise import is_power, is_rough, neighbours_correlate
from inspectors.quantizing_again import quantize_again
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, Severity
from utils.model_script.calibration_size import requested_calibration_size


def noise_images(
    context: Context,
    digests: SampleDigests,
    blank: NDArray[np.bool_],
    lowest: float,
    test: NoiseTest,
) -> Iterator[Finding]:
    """One finding for each input whose pictures are noise.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    lowest : correlation of neighbouring pixels that pictures have at least, as their median.
    test : tells statistics of random numbers.
    """
    network = context.model.network
    for name, seen in digests.inputs.items():
        median = neighbours_correlate(seen, blank)
        is_excused = is_rough(context, network[name]) or is_power(context, network[name])
        if median < lowest and not is_excused:
            is_given_alone = _calibration_saw_others(context, name, test)
            yield Finding(
                id="calibration-noise",
                severity=Severity.ERROR,
                headline="The samples look like noise, not like pictures",
                evidence=f"neighbouring pixels of {network[name].described()} correlate by "
                f"{round(median, 2) + 0.0:.2f} in the median sample, those of pictures by 0.7 and "
                "more",
                why="The archive was calibrated on other data, and noise does not show how the "
                "network works on these."
                if is_given_alone
                else "Ranges that are calibrated on noise fit no picture.",
                remedy="Pass real pictures, such as those that the archive was calibrated on."
                if is_given_alone
                else "Calibrate on real pictures.",
                command="" if is_given_alone else quantize_again(context, CHANGED),
                layers=(name,),
                measured={"correlation": median},
            )


def _calibration_saw_others(context: Context, name: str, test: NoiseTest) -> bool:
    """Whether what the archive stores of an input is unlike the samples given now.

    Ranges and means do not tell random pixels from pictures; the shape of their spread does.
    """
    prepared = context.known(prepared_inputs).get(name)
    if prepared is not None and prepared.difference is not None:
        return True
    layer, digests = context.model.network[name], context.samples
    stored = stored_input_statistics(context.model, layer)
    if stored is None or digests is None:
        return False
    size = requested_calibration_size(context.script)
    given = test.kind_of(digests.inputs[name].statistics, layer, digests.samples)
    return given is not None and test.kind_of(stored, layer, size) is None
