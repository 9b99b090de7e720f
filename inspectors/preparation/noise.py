"""Pictures whose neighbouring pixels have nothing to do with each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.preparation.casts import flags_severity
from inspectors.preparation.seen import seen_at
from inspectors.preparation.sentinels import sentinel_of
from utils.dataset.sample_digests import InputDigests
from utils.findings import Severity
from utils.har.network import Layer

LEAST_OF_PICTURES = 0.3  # correlation of neighbours; the least correlated real pictures have 0.72


def neighbours_correlate(seen: InputDigests, blank: NDArray[np.bool_] | None = None) -> float:
    """Correlation of neighbouring pixels in the median sample; 1 where it cannot be told.

    Parameters
    ----------
    blank : samples that do not count, shape (samples,).
    """
    if seen.correlation is None or not seen.is_image_like:
        return 1.0
    # A value that stands for none is unlike its neighbours, whatever these show.
    if sentinel_of(seen):
        return 1.0
    counts = np.isfinite(seen.correlation)
    known = seen.correlation[counts if blank is None else counts & ~blank]
    return float(np.median(known)) if known.size else 1.0


def is_noise(context: Context, layer: Layer) -> bool:
    """Whether the samples of an input are pictures of noise."""
    seen = seen_at(context, layer)
    return seen is not None and neighbours_correlate(seen) < LEAST_OF_PICTURES


def mean_nothing(context: Context, layer: Layer) -> bool:
    """Whether the samples of an input say nothing of how pictures are prepared."""
    return is_noise(context, layer) or flags_severity(context, layer) is Severity.ERROR
