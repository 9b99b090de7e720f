"""Pictures that were prepared and then cast to integers, which leaves next to nothing of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.preparation.seen import seen_at
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer

# Of the steps between neighbours, that lead over the end of 8 bit: pictures have 0.2 % at most,
# wrapped ones 0.4 to 4 %.
LEAST_OVER = 0.003
# As many times as many as steps of half their size. Pictures have 0.3, drawings 4, wrapped ones 3
# to 12. Drawings and scanned texts have steps from end to end, or nearly so, and few grey pixels.
OVER_MIDDLE = 2.5
OVER_MIDDLE_MENDED = 0.5  # where another reading of the values leaves none of them
MOST_BETWEEN_ENDS, LEAST_FAR, LEAST_INNER = 0.2, 0.5, 0.2
# Wrapped values go over the end on slopes as well, of which 11 % and more lead on by less than 8.
# Edges of a drawing in full colours, of one scene, do not: 1 %.
MOST_FAR = 0.95
LEFT_OVER = 0.25  # of these steps, that may be left in values that are read as they were meant
LARGEST_NORMALIZED = 3  # by ImageNet's constants pixels reach from -2.1 to 2.6
LARGEST_STANDARD = 8  # features in standard deviations reach less far
FEWEST_OF_A_SIGN = 2  # different numbers; a single one below 0 may stand for what is missing
ONE_CHANNEL = 1  # the channels of a mask
# By how much the mean square of graded values differs from their mean; of 0 and 1 they are equal.
GRADED = 0.01
FLAG_ERROR = 1e-5  # of sums of float32


def flags_severity(context: Context, layer: Layer) -> Severity | None:
    """How much it matters that an input has the shape of pictures and holds only 0 and 1.

    None where it does not, or where each pixel has exactly one 1, as in a map of classes. What was
    normalized before it was cast to integers matters as much as what was divided, and so do pixels
    that left the range of their type, or whose bytes were exchanged.
    """
    seen = seen_at(context, layer)
    if seen is not None and (seen.byte_orders.are_swapped or wraps_round(seen) or overflowed(seen)):
        return Severity.ERROR
    if seen is None or not holds_flags(seen) or _is_one_hot(seen):
        return None
    if _was_graded(context, layer):
        return Severity.ERROR
    if np.dtype(seen.dtype).kind not in "iu":
        return None  # nothing was lost by a cast, as far as anybody can tell
    if seen.shape[2] > ONE_CHANNEL:
        return Severity.ERROR
    return Severity.INFO  # as good as always a mask


def holds_flags(seen: InputDigests) -> bool:
    """Whether pictures hold 0 and 1, and nothing between."""
    found = seen.statistics
    return (
        is_image_shaped(seen.shape)
        and (found.low, found.high) == (0.0, 1.0)
        and not ((seen.values != 0) & (seen.values != 1)).any()
        # Of what lies between them the square is smaller.
        and bool(np.allclose(found.energy, found.mean, rtol=0, atol=FLAG_ERROR))
    )


def wraps_round(seen: InputDigests) -> bool:
    """Whether small values of either sign were cast to 8 bit without one."""
    is_picture = is_image_shaped(seen.shape)
    # One channel of small numbers and 255 is a map of classes with places to ignore.
    if seen.dtype != "uint8" or (is_picture and seen.shape[2] == ONE_CHANNEL):
        return False
    signed = np.unique(_signed(seen))
    fewest = min(np.count_nonzero(signed > 0), np.count_nonzero(signed < 0))
    is_small = largest_wrapped(seen) <= largest_before(seen)
    return is_small and bool(fewest >= (1 if is_picture else FEWEST_OF_A_SIGN))


def largest_wrapped(seen: InputDigests) -> int:
    """The largest absolute value where the bytes are read with a sign."""
    return int(np.abs(_signed(seen).astype(np.int16)).max(initial=0))


def _signed(seen: InputDigests) -> NDArray[np.int8]:
    """The bytes read with a sign."""
    return seen.values.astype(np.uint8).astype(np.int8)


def largest_before(seen: InputDigests) -> int:
    """How far normalized values of such a shape reach."""
    return LARGEST_NORMALIZED if is_image_shaped(seen.shape) else LARGEST_STANDARD


def overflowed(seen: InputDigests) -> bool:
    """Whether pixels left the range of 8 bit and began again at its other end."""
    counted, is_mended = seen.wrapped, _is_mended_unsigned(seen)
    least = OVER_MIDDLE_MENDED if is_mended else OVER_MIDDLE
    most_far = 1.0 if is_mended else MOST_FAR
    return (
        counted.over > LEAST_OVER * counted.steps
        and counted.over > least * counted.middle
        and counted.between_ends < MOST_BETWEEN_ENDS * counted.over
        and LEAST_FAR * counted.over < counted.far <= most_far * counted.over
        and counted.inner > LEAST_INNER * counted.values
    )


def is_unsigned(seen: InputDigests) -> bool:
    """Whether pixels above 127 became negative, and nothing else happened to them."""
    return overflowed(seen) and _is_mended_unsigned(seen)


def _is_mended_unsigned(seen: InputDigests) -> bool:
    """Whether the steps over the end are none where negative values are read as large ones."""
    return seen.wrapped.over_unsigned < LEFT_OVER * seen.wrapped.over


def _is_one_hot(seen: InputDigests) -> bool:
    channels = seen.shape[2]
    return channels > ONE_CHANNEL and bool(
        np.allclose(seen.zero_share, 1.0 - 1.0 / channels, rtol=0, atol=1e-6)
    )


def _was_graded(context: Context, layer: Layer) -> bool:
    """Whether the archive was calibrated on more than a mask, of 0 and 1 or of 0 and 255."""
    stored = stored_input_statistics(context.model, layer)
    if stored is None or stored.is_mask:
        return False
    scale = max(float(np.abs(stored.mean).max()), float(stored.energy.max()))
    return bool((np.abs(stored.energy - stored.mean) > GRADED * scale).any())
