"""Pictures that were prepared and then cast to integers, which leaves next to nothing of them."""

from __future__ import annotations

import numpy as np

from inspectors.base_inspector import Context
from inspectors.preparation.seen import seen_at
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer

LARGEST_NORMALIZED = 3  # by ImageNet's constants pixels reach from -2.1 to 2.6
ONE_CHANNEL = 1  # the channels of a mask
# By how much the mean square of graded values differs from their mean; of 0 and 1 they are equal.
GRADED = 0.01


def flags_severity(context: Context, layer: Layer) -> Severity | None:
    """How much it matters that an input has the shape of pictures and holds only 0 and 1.

    None where it does not, or where each pixel has exactly one 1, as in a map of classes. What was
    normalized before it was cast to integers matters as much as what was divided.
    """
    seen = seen_at(context, layer)
    if seen is not None and wraps_round(seen):
        return Severity.ERROR
    if seen is None or not _holds_flags(seen) or _is_one_hot(seen):
        return None
    if seen.shape[2] > ONE_CHANNEL or _was_graded(context, layer):
        return Severity.ERROR
    return Severity.INFO  # as good as always a mask


def _holds_flags(seen: InputDigests) -> bool:
    is_integer = np.dtype(seen.dtype).kind in "iu"
    statistics = seen.statistics
    return (
        is_integer
        and is_image_shaped(seen.shape)
        and (statistics.low, statistics.high) == (0.0, 1.0)
    )


def wraps_round(seen: InputDigests) -> bool:
    """Whether small values of either sign were cast to 8 bit without one."""
    # One channel of small numbers and 255 is a map of classes with places to ignore.
    if seen.dtype != "uint8" or not is_image_shaped(seen.shape) or seen.shape[2] == ONE_CHANNEL:
        return False
    signed = seen.values.astype(np.uint8).astype(np.int8)
    largest = int(np.abs(signed.astype(np.int16)).max(initial=0))
    return largest <= LARGEST_NORMALIZED and bool((signed > 0).any() and (signed < 0).any())


def _is_one_hot(seen: InputDigests) -> bool:
    channels = seen.shape[2]
    return channels > ONE_CHANNEL and bool(
        np.allclose(seen.zero_share, 1.0 - 1.0 / channels, rtol=0, atol=1e-6)
    )


def _was_graded(context: Context, layer: Layer) -> bool:
    """Whether the archive was calibrated on more than 0 and 1."""
    stored = stored_input_statistics(context.model, layer)
    if stored is None:
        return False
    scale = max(float(np.abs(stored.mean).max()), float(stored.energy.max()))
    return bool((np.abs(stored.energy - stored.mean) > GRADED * scale).any())
