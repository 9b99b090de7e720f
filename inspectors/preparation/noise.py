"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.preparation.casts import flags_severity
from inspectors.preparation.difference import SAME_KIND, difference_of
from inspectors.preparation.judged import recipe_of
from inspectors.preparation.seen import seen_at
from inspectors.preparation.sentinels import has_holes, sentinel_of
from utils.dataset.image_statistics import CELLS
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Severity
from utils.har.network import Layer

LEAST_OF_PICTURES = 0.3  # correlation of neighbours; the least correlated real pictures have 0.72
# Of what an archive was calibrated for, as noisy maps; random numbers have 0.02 at most.
LEAST_OF_MAPS = 0.1
# Standard errors by which cells of pictures agree more often than those of noise, which do in half
# of the cases: 1 in 3 million by chance.
AGREEMENT_ERRORS = 5.0


def neighbours_correlate(seen: InputDigests, blank: NDArray[np.bool_] | None = None) -> float:
    """Correlation of neighbouring pixels in the median sample; 1 where it cannot be told.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    """
    if seen.correlation is None or not seen.is_image_like:
        return 1.0
    # A value that stands for none is unlike its neighbours, whatever these show.
    if sentinel_of(seen) or has_holes(seen):
        return 1.0
    counts = np.isfinite(seen.correlation)
    known = seen.correlation[counts if blank is None else counts & ~blank]
    return float(np.median(known)) if known.size else 1.0


def is_noise(context: Context, layer: Layer) -> bool:
    """Whether the samples of an input are pictures of noise."""
    seen = seen_at(context, layer)
    if seen is None or is_rough(context, layer) or is_power(context, layer):
        return False
    return neighbours_correlate(seen) < LEAST_OF_PICTURES


def is_power(context: Context, layer: Layer) -> bool:
    """Whether samples are spectrograms without decibels: a few places have nearly all power."""
    recipe = recipe_of(context, layer)
    done = recipe.preparation if recipe else None
    return done is not None and done.is_curved and not done.colour_space


def is_rough(context: Context, layer: Layer) -> bool:
    """Whether an archive was made for pictures that are noise from pixel to pixel alone.

    Radar and ultrasound show speckle, and raw sensors the mosaic of their colour filters. Means
    over 8 x 8 cells hang together there, or neighbours do a little, and calibration has seen the
    like.
    """
    seen, stored = seen_at(context, layer), stored_input_statistics(context.model, layer)
    if seen is None or seen.hashes is None or stored is None:
        return False
    different = np.unique(seen.hashes)  # copies show nothing more
    octets = different.view(np.uint8).reshape(-1, CELLS)
    lighter = np.unpackbits(octets, axis=1).reshape(-1, CELLS, CELLS)
    # Whether a cell is lighter than the one to its left, as the cell above it is.
    agree = lighter[:, 1:] == lighter[:, :-1]
    is_structured = agree.mean() - 0.5 > AGREEMENT_ERRORS * 0.5 / np.sqrt(agree.size)
    is_structured |= neighbours_correlate(seen) >= LEAST_OF_MAPS
    return bool(is_structured) and difference_of(context, layer, SAME_KIND) is None


def mean_nothing(context: Context, layer: Layer) -> bool:
    """Whether the samples of an input say nothing of how pictures are prepared."""
    return is_noise(context, layer) or flags_severity(context, layer) is Severity.ERROR
