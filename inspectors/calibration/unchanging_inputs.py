"""Inputs that are given the same sample every time, beside others that change."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.wording import plural

FEWEST = 8  # samples; a few may be alike


def unchanging_inputs(network: Network, digests: SampleDigests) -> Iterator[Finding]:
    """One finding for each input, where another one changes."""
    if digests.samples < FEWEST:
        return
    still = {name: seen for name, seen in digests.inputs.items() if _never_changes(seen)}
    if len(still) == len(digests.inputs):
        return  # copies of whole samples are told as such
    for name, seen in still.items():
        if seen.statistics.low == seen.statistics.high:
            continue  # told as one value
        what = "picture" if seen.is_image_like else "values"
        yield Finding(
            id="calibration-duplicates",
            severity=Severity.WARNING if seen.is_image_like else Severity.INFO,
            headline=f"An input holds the same {what} in every sample",
            evidence=f"{network.described(name)}: {plural(digests.samples, 'sample')} are equal "
            "there, and differ at another input",
            why="Calibration sees one case of this input. The ranges behind it may be too narrow "
            "for any other.",
            remedy="Give this input what belongs to the samples of the others, unless it never "
            "changes on the device.",
            layers=(name,),
        )


def _never_changes(seen: InputDigests) -> bool:
    facts: list[NDArray[np.generic]] = [seen.minimum, seen.maximum, seen.spread, seen.zero_share]
    if seen.hashes is not None:
        facts.append(seen.hashes)
    return not seen.sample_mean_spread.any() and all((fact == fact[0]).all() for fact in facts)
