"""How the values of the samples are stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from inspectors.base_inspector import Context
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer
from utils.wording import listed

USUAL = ("uint8", "float32", "float16")
GREATEST_PIXEL = 255.0
ONE_CHANNEL = 1  # the channels of a mask
# By how much the mean square of graded values differs from their mean; of 0 and 1 they are equal.
GRADED = 0.01


def flags_severity(context: Context, layer: Layer) -> Severity | None:
    """How much it matters that an input has the shape of pictures and holds only 0 and 1.

    None where it does not, or where each pixel has exactly one 1, as in a map of classes.
    """
    seen = context.samples.inputs.get(layer.name) if context.samples else None
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


def value_types(context: Context) -> Iterator[Finding]:
    """Flags where pictures belong, then types that only cost memory."""
    inputs = context.samples.inputs if context.samples else {}
    unusual = []
    for layer in context.model.network.input_layers:
        severity = flags_severity(context, layer)
        if severity is not None:
            yield _flags(layer, inputs[layer.name], severity)
        elif layer.name in inputs and inputs[layer.name].dtype not in USUAL:
            unusual.append(layer)
    if unusual:
        yield _unusual(unusual, [inputs[layer.name] for layer in unusual])


def _flags(layer: Layer, seen: InputDigests, severity: Severity) -> Finding:
    share = seen.statistics.non_zero_share or 0.0
    finding = partial(
        Finding,
        id="calibration-dtype",
        severity=severity,
        evidence=f"{layer.described()}: {share:.1%} are 1, the others 0, stored as {seen.dtype}",
        layers=(layer.name,),
        measured={"share_of_ones": share},
    )
    if severity is Severity.INFO:
        return finding(
            headline="An input holds only 0 and 1, as a mask does",
            why="A picture would have been divided by 255 and cast to integers before.",
        )
    return finding(
        headline="Pictures were divided by 255 and then cast to integers",
        why="The cast leaves only 0 and 1 of the picture.",
        remedy="Store the pixels 0..255 as uint8, or the divided ones as float32.",
    )


def _unusual(layers: list[Layer], seen: list[InputDigests]) -> Finding:
    pairs = list(zip(layers, seen, strict=True))
    stored = [f"{layer.described()}: {found.dtype}" for layer, found in pairs]
    lines = [
        f"{layer.described()} with `x = x.astype(np.{_better(found)})`" for layer, found in pairs
    ]
    return Finding(
        id="calibration-dtype",
        severity=Severity.INFO,
        headline="The samples are stored in a type that gains no precision",
        evidence=listed(stored, 3),
        why="The compiler works with uint8 and float32, and holds the whole set in memory.",
        remedy=f"Convert the array of {listed(lines)} before it is saved.",
        layers=tuple(layer.name for layer in layers),
        measured={
            f"bytes per value of {layer.name}": float(np.dtype(found.dtype).itemsize)
            for layer, found in pairs
        },
    )


def _better(seen: InputDigests) -> str:
    fits = seen.statistics.low >= 0.0 and seen.statistics.high <= GREATEST_PIXEL
    return "uint8" if fits and np.dtype(seen.dtype).kind in "iub" else "float32"
