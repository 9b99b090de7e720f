"""Samples that hold one value only: blank frames, rows that nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inspectors.calibration.misfit import indices_listed
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.findings import Finding, Recommendation, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Network
from utils.wording import plural

# What most samples of a set span; one sample that reaches far out must not make all others flat.
TYPICAL = 0.9
KEEP_DEAD_LAYERS = "pre_quantization_optimization(dead_layers_removal, policy=disabled)"


def flat_samples(seen: InputDigests, share: float) -> NDArray[np.bool_]:
    """Which samples of an input are flat; shape (samples,).

    Parameters
    ----------
    share : of the span of the data, that the spread of a picture has to reach; other data are
        flat only if all values of a sample are equal.
    """
    if not seen.is_image_like:
        return seen.is_flat if seen.values_per_sample > 1 else np.zeros_like(seen.is_flat)
    spans = (seen.maximum - seen.minimum)[~seen.is_flat]
    flat: NDArray[np.bool_] = seen.spread < share * np.quantile(spans, TYPICAL)
    return flat


def constant_samples(network: Network, digests: SampleDigests, share: float) -> Iterator[Finding]:
    """One finding for each input with flat samples."""
    for name, seen in digests.inputs.items():
        described = network[name].described() if name in network else name
        if digests.samples > 1 and seen.statistics.low == seen.statistics.high:
            yield _constant_input(name, described, seen)
            continue
        flat = digests.indices[flat_samples(seen, share)].tolist()
        if flat:
            yield _flat(name, described, digests.samples, seen, flat)


def _flat(name: str, described: str, samples: int, seen: InputDigests, flat: list[int]) -> Finding:
    is_picture = seen.is_image_like or (is_image_shaped(seen.shape) and len(flat) == samples)
    counted = f"{len(flat):,} of {plural(samples, 'sample')}"
    which = f"{counted} (index {indices_listed(flat)}) of {described}"
    finding = partial(
        Finding,
        id="calibration-constant-sample",
        layers=(name,),
        measured={"samples": float(len(flat)), "share": len(flat) / samples},
    )
    if is_picture:
        return finding(
            severity=Severity.ERROR,
            headline="The calibration set holds blank pictures",
            evidence=f"{which}; their values spread by less than 1/255 of the data's range",
            why="Calibration takes blank pictures for part of what the network will see.",
            remedy="Find out why these pictures are blank, as after a file that could not be read, "
            "and leave them out.",
        )
    return finding(
        severity=Severity.INFO,
        headline="Some samples hold one value only",
        evidence=which,
        why="Such samples may be right in data like these.",
        remedy="Check whether these samples were left empty by mistake.",
    )


def _constant_input(name: str, described: str, seen: InputDigests) -> Finding:
    value = seen.statistics.low
    if value:
        return Finding(
            id="calibration-constant-sample",
            severity=Severity.ERROR if is_image_shaped(seen.shape) else Severity.INFO,
            headline="An input holds the same value in every sample",
            evidence=f"{described}: {value:g} in {plural(len(seen.spread), 'sample')}",
            why="Any other value that it takes later lies outside the calibrated range.",
            remedy="Give this input the values that the network will see.",
            layers=(name,),
            measured={"value": value},
        )
    is_integer = np.dtype(seen.dtype).kind in "iu"
    return Finding(
        id="calibration-constant-sample",
        severity=Severity.ERROR,
        headline="An input holds only zeros",
        evidence=f"{described}: {plural(len(seen.spread), 'sample')} of {seen.dtype}"
        f"{', as values of 0..1 become when they are cast to integers' if is_integer else ''}",
        why="A range that ends where it begins cannot be quantized, and the compiler removes "
        "layers that see only zeros as dead.",
        remedy="Give this input the values that the network will see.",
        layers=(name,),
        measured={"value": 0.0},
        # Pictures never start at 0 on purpose.
        recommendation=None if is_image_shaped(seen.shape) else _kept(name),
    )


def _kept(name: str) -> Recommendation:
    return Recommendation(
        (KEEP_DEAD_LAYERS,),
        f"Does {name} start at 0 on purpose, as a hidden state does? Then keep the layers "
        f"behind it with `{KEEP_DEAD_LAYERS}`",
        default=False,
    )
