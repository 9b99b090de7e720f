"""Whether an archive was calibrated on the first samples of the file at hand: it may be sorted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from inspectors.optimization_flow.remedies import larger_calibration
from inspectors.quantizing_again import given_set, quantize_again
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimization_levels import RECOMMENDED_IMAGES
from utils.findings import Recommendation
from utils.har.network import Layer
from utils.model_script.calibration_size import requested_calibration_size

SAME = 1e-4  # of the stored span; the ends of the same samples differ by rounding alone


@dataclass(frozen=True)
class SortedFile:
    """What to do about a file whose first samples are unlike the rest.

    Parameters
    ----------
    calibrated : how many of its first samples calibration took.
    command : what to type where no line of the model script helps.
    """

    calibrated: int
    remedy: str
    recommendation: Recommendation | None = None
    command: str = ""


def is_calibrated_on_the_first(context: Context, layer: Layer) -> bool:
    """Whether the first samples have just the ends that calibration stored, and all have others.

    Ends that the whole file has as well, such as black and white, tell nothing.
    """
    size = requested_calibration_size(context.script)
    samples = context.samples
    seen = samples.inputs.get(layer.name) if samples else None
    stored = stored_input_statistics(context.model, layer)
    if samples is None or seen is None or stored is None or samples.samples <= size:
        return False
    if not np.array_equal(samples.indices[:size], np.arange(size)):
        return False
    ends = np.array([stored.minimum.min(), stored.maximum.max()])
    margin = SAME * float(ends[1] - ends[0])
    first = np.array([seen.minimum[:size].min(), seen.maximum[:size].max()])
    whole = np.array([seen.minimum.min(), seen.maximum.max()])
    is_same = bool((np.abs(first - ends) <= margin).all())
    return is_same and bool((np.abs(whole - ends) > margin).any())


def sorted_file(context: Context) -> SortedFile:
    """What mends it: to shuffle the file, or to calibrate on all of it where that is usual."""
    size = requested_calibration_size(context.script)
    images = context.calibration.samples if context.calibration else 0
    if not size < images <= RECOMMENDED_IMAGES:
        remedy = "Shuffle the samples of the file and quantize again."
        return SortedFile(size, remedy, command=quantize_again(context, given_set(context)))
    return SortedFile(
        size,
        "Shuffle the samples of the file, or let calibration see all of them with this line, and "
        "quantize again.",
        larger_calibration(images),
    )
