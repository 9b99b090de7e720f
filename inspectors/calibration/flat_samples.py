"""Samples that hold one value only: blank frames, rows that nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inspectors.calibration.misfit import samples_listed
from inspectors.calibration.mixed_scales import mix_of
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.findings import Finding, Recommendation, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Network
from utils.wording import plural

# What most samples of a set span; one sample that reaches far out must not make all others flat.
TYPICAL = 0.9
FEW = 0.05  # of the samples; so many change no range, and may be dark or empty scenes
MANY = 0.25  # of samples of the shape of pictures that do not look like pictures
REAL_PICTURES = "Give this input real pictures, and check that files of pictures could be read."
REAL_VALUES = "Give this input the values that the network will see."
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
    # Pictures that are divided by 255 spread little among others that are not.
    mix = mix_of(seen)
    return flat if mix is None else flat & ~mix.small


def constant_samples(network: Network, digests: SampleDigests, share: float) -> Iterator[Finding]:
    """One finding for each input with flat samples."""
    for name, seen in digests.inputs.items():
        described = network.described(name)
        if digests.samples > 1 and seen.statistics.low == seen.statistics.high:
            yield from _constant_input(name, described, seen)
            continue
        flat = flat_samples(seen, share)
        if flat.any():
            yield _flat(name, described, digests, seen, flat)


def _flat(
    name: str,
    described: str,
    digests: SampleDigests,
    seen: InputDigests,
    is_flat: NDArray[np.bool_],
) -> Finding:
    samples, flat = digests.samples, digests.indices[is_flat].tolist()
    is_picture = seen.is_image_like or (is_image_shaped(seen.shape) and len(flat) == samples)
    counted = f"{len(flat):,} of {plural(samples, 'sample')}"
    which = f"{counted} (index {samples_listed(digests, flat)}) of {described}"
    narrow = f"{which}; their values spread by less than 1/255 of the data's range"
    finding = partial(
        Finding,
        id="calibration-constant-sample",
        layers=(name,),
        measured={"samples": float(len(flat)), "share": len(flat) / samples},
    )
    if is_picture and len(flat) <= FEW * samples:
        # What could not be read has no spread at all.
        nearly = "" if (is_flat & seen.is_flat).any() else "nearly "
        return finding(
            severity=Severity.WARNING,
            headline=f"Some pictures are {nearly}blank",
            evidence=narrow,
            why="They may be dark or empty scenes, which do no harm, or badly read files.",
            remedy="Look at these pictures, and leave them out if they show nothing.",
        )
    if is_picture:
        return finding(
            severity=Severity.ERROR,
            headline="The calibration set holds blank pictures",
            evidence=narrow,
            why="Calibration takes blank pictures for part of what the network will see.",
            remedy="Leave these pictures out, and check whether their files could be read.",
        )
    if is_image_shaped(seen.shape) and len(flat) >= MANY * samples:
        return finding(
            severity=Severity.WARNING,
            headline="Many samples hold one value only",
            evidence=which,
            why=f"Calibration learns nothing from them.{_cast_to_integers(seen)}",
            remedy="Check how these samples were prepared, and leave out those that are empty.",
        )
    return finding(
        severity=Severity.INFO,
        headline="Some samples hold one value only",
        evidence=which,
        why="Such samples may be right in data like these.",
        remedy="Check whether these samples were left empty by mistake.",
    )


def _cast_to_integers(seen: InputDigests) -> str:
    if np.dtype(seen.dtype).kind not in "iu":
        return ""
    return " Pictures that were normalized on the host become so when they are cast to integers."


def _constant_input(name: str, described: str, seen: InputDigests) -> Iterator[Finding]:
    value, count = seen.statistics.low, plural(len(seen.spread), "sample")
    is_picture = is_image_shaped(seen.shape)
    finding = partial(
        Finding,
        id="calibration-constant-input",
        remedy=REAL_PICTURES if is_picture else REAL_VALUES,
        layers=(name,),
        measured={"value": value},
    )
    if value:
        yield finding(
            severity=Severity.ERROR if is_picture else Severity.INFO,
            headline="An input holds the same value in every sample",
            evidence=f"{described}: {value:g} in {count}",
            why="Any other value that it takes later lies outside the calibrated range.",
        )
        return
    is_integer = np.dtype(seen.dtype).kind in "iu"
    cast = ", as values of 0..1 become when they are cast to integers" if is_integer else ""
    yield finding(
        severity=Severity.ERROR,
        headline="An input holds only zeros",
        evidence=f"{described}: {count} of {seen.dtype}{cast}",
        why="A range that ends where it begins cannot be quantized, and the compiler removes "
        "layers that see only zeros as dead.",
        recommendation=None if is_picture else _kept_dead_layers(name),
    )


def _kept_dead_layers(name: str) -> Recommendation:
    """What a hidden state needs, which starts at 0 on purpose; no picture does."""
    return Recommendation(
        (KEEP_DEAD_LAYERS,),
        f"Does {name} start at 0 on purpose, as a hidden state does? Then keep the layers "
        f"behind it with `{KEEP_DEAD_LAYERS}`",
        default=False,
    )
