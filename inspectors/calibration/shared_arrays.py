"""Two inputs of pictures that were given the same array."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from inspectors.base_inspector import Context
from inspectors.preparation.seen import seen_at
from utils.dataset.sample_digests import InputDigests
from utils.findings import Finding, Severity
from utils.wording import plural

FEWEST = 2  # samples; one may be the same by chance


def shared_arrays(context: Context) -> Iterator[Finding]:
    """One finding for each pair of inputs."""
    for one, other in combinations(context.model.network.input_layers, 2):
        first, second = seen_at(context, one), seen_at(context, other)
        if first is None or second is None or not _are_same(first, second):
            continue
        yield Finding(
            id="calibration-input-names",
            severity=Severity.WARNING,
            headline="Two inputs hold the same pictures",
            evidence=f"{one.described()} and {other.described()} hold equal values in each of "
            f"{plural(len(first.spread), 'sample')}",
            why="A network takes two inputs to compare them or to join them, so calibration on "
            "equal ones sees next to nothing of that.",
            remedy="Give each input the pictures that the device gives it, and quantize again if "
            "the archive was calibrated on them.",
            layers=(one.name, other.name),
        )


def _are_same(first: InputDigests, second: InputDigests) -> bool:
    if first.shape != second.shape or not first.is_image_like or len(first.spread) < FEWEST:
        return False
    facts = ("minimum", "maximum", "spread", "zero_share", "hashes", "values")
    return all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=name != "hashes")
        for name in facts
    )
