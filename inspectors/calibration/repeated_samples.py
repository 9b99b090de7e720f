"""Samples that say nothing new: copies, and pictures that look alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.dataset.image_statistics import look_alikes
from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.wording import listed, plural

COMPARED = 4096  # pictures that are compared with each other; their number counts twice
MINIMUM_COMPARED = 16  # of fewer pictures half look alike too easily


@dataclass(frozen=True)
class RepetitionLimits:
    """How much may be repeated.

    Parameters
    ----------
    warning, error : shares of the samples that are copies.
    copies : fewer prove nothing, whatever their share.
    enough : different samples, beside which copies only take time.
    alike : share of the pictures that resemble an earlier one.
    distance : bits by which the hashes of such pictures differ at most.
    """

    warning: float
    error: float
    copies: int
    enough: int
    alike: float
    distance: int


def repeated_samples(
    network: Network, digests: SampleDigests, blank: NDArray[np.bool_], limits: RepetitionLimits
) -> Iterator[Finding]:
    """Copies first, then what looks alike without being a copy.

    Parameters
    ----------
    blank : samples that are told as blank, shape (samples,); blank frames are all alike.
    """
    copies = digests.is_copy & ~blank
    pictures = [name for name, seen in digests.inputs.items() if seen.is_image_like]
    yield from _copies(digests, copies, pictures, limits)
    for name in pictures:
        yield from _alike(network, digests, name, ~(copies | blank), limits)


def _copies(
    digests: SampleDigests,
    copies: NDArray[np.bool_],
    pictures: list[str],
    limits: RepetitionLimits,
) -> Iterator[Finding]:
    indices = digests.indices[copies].tolist()
    originals = digests.first_equal[copies].tolist()
    share, different = len(indices) / digests.samples, digests.samples - len(indices)
    if len(indices) < limits.copies or share <= (limits.warning if pictures else limits.error):
        return
    named = digests.named
    pairs = [
        f"{named(i)} repeats {named(first)}" for i, first in zip(indices, originals, strict=True)
    ]
    finding = partial(
        Finding,
        id="calibration-duplicates",
        evidence=f"{len(indices):,} of {plural(digests.samples, 'sample')} ({share:.0%}) are "
        f"byte-identical copies of earlier ones, {different:,} are different: sample "
        f"{listed(pairs, 3)}",
        layers=tuple(pictures or digests.inputs),
        measured={"copies": float(len(indices)), "share": share},
    )
    if pictures:
        yield finding(
            severity=Severity.ERROR
            if share > limits.error and different < limits.enough
            else Severity.WARNING,
            headline="The calibration set holds copies of pictures",
            why="Copies teach calibration and finetuning nothing new, and weigh more than others.",
            remedy="Replace the copies by other pictures, or leave them out.",
        )
    else:
        yield finding(
            severity=Severity.INFO,
            headline="The calibration set holds equal samples",
            why="In other data than pictures equal samples may be right.",
        )


def _alike(
    network: Network,
    digests: SampleDigests,
    name: str,
    others: NDArray[np.bool_],
    limits: RepetitionLimits,
) -> Iterator[Finding]:
    hashes = digests.inputs[name].hashes
    kept = np.flatnonzero(others)[:COMPARED]
    if hashes is None or len(kept) < MINIMUM_COMPARED:
        return
    alike = digests.indices[kept[look_alikes(hashes[kept], limits.distance)]].tolist()
    share = len(alike) / len(kept)
    if share > limits.alike:
        yield Finding(
            id="calibration-duplicates",
            severity=Severity.INFO,
            headline="Most pictures of the calibration set look alike",
            evidence=f"{len(alike):,} of {plural(len(kept), 'picture')} of "
            f"{network[name].described()} ({share:.0%}) look like an earlier one, such as samples "
            f"{listed([digests.named(index) for index in alike], 3)}",
            why="Frames of one video, or augmented copies, show calibration little of what the "
            "network will see.",
            remedy="Replace some of them by pictures of other scenes.",
            layers=(name,),
            measured={"alike": float(len(alike)), "share": share},
        )
