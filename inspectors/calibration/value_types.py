"""How the values of the samples are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from inspectors.base_inspector import Context
from inspectors.calibration.mixed_scales import AGAIN
from inspectors.named_data import data_of
from inspectors.preparation.casts import (
    flags_severity,
    is_unsigned,
    largest_wrapped,
    overflowed,
    wraps_round,
)
from inspectors.preparation.seen import seen_at
from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import WHITE
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer
from utils.wording import listed, percentage

USUAL = ("uint8", "float32", "float16")


def value_types(context: Context) -> Iterator[Finding]:
    """Flags where pictures belong, then types that only cost memory."""
    unusual = []
    for layer in context.model.network.input_layers:
        seen, severity = seen_at(context, layer), flags_severity(context, layer)
        if seen is None:
            continue
        if severity is not None:
            yield _broken(context, layer, seen, severity)
        elif seen.dtype not in USUAL:
            unusual.append((layer, seen))
    if unusual:
        yield _unusual(unusual)


def _broken(context: Context, layer: Layer, seen: InputDigests, severity: Severity) -> Finding:
    if seen.byte_orders.are_swapped:
        return _swapped(context, layer, seen)
    return _overflowed(context, layer, seen) if overflowed(seen) else _flags(layer, seen, severity)


def _swapped(context: Context, layer: Layer, seen: InputDigests) -> Finding:
    orders, kind = seen.byte_orders, "int16" if seen.statistics.low < 0 else "uint16"
    return Finding(
        id="calibration-dtype",
        severity=Severity.ERROR,
        headline="16-bit pixels were read with their bytes in reverse order",
        evidence=f"steps between neighbouring pixels of {layer.described()} are "
        f"{orders.roughness:.2g} times their spread, and {orders.swapped_roughness:.2g} times once "
        "both bytes of each are exchanged",
        why="The low byte of each pixel counts as the high one, which makes noise of a picture.",
        remedy=f"Change {data_of(context, [layer.name])} with "
        f"`x = x.astype(np.{kind}).byteswap()`, {AGAIN}.",
        layers=(layer.name,),
        measured={"steps": orders.roughness, "steps_exchanged": orders.swapped_roughness},
    )


def _flags(layer: Layer, seen: InputDigests, severity: Severity) -> Finding:
    if wraps_round(seen):
        return _wrapped(layer, seen)
    share = seen.statistics.non_zero_share or 0.0
    finding = partial(
        Finding,
        id="calibration-dtype",
        severity=severity,
        evidence=f"{layer.described()}: {percentage(share)} are 1, the others 0, stored as "
        f"{seen.dtype}",
        layers=(layer.name,),
        measured={"share_of_ones": share},
    )
    if severity is Severity.INFO:
        return finding(
            headline="An input holds only 0 and 1, as a mask does",
            why="A picture would have been divided by 255 and cast to integers before.",
        )
    if np.dtype(seen.dtype).kind not in "iu":
        return finding(
            headline="The pictures were rounded to 0 and 1, those of the calibration were not",
            why="Next to nothing is left of the pictures.",
            remedy="Pass the pictures as they were before they were rounded.",
        )
    return finding(
        headline="Pictures were divided by 255 and then cast to integers",
        why="The cast leaves only 0 and 1 of the picture.",
        remedy="Store the pixels 0..255 as uint8, or the divided ones as float32.",
    )


def _wrapped(layer: Layer, seen: InputDigests) -> Finding:
    largest, is_picture = largest_wrapped(seen), is_image_shaped(seen.shape)
    pixels = ", or the pixels 0..255 as uint8" if is_picture else ""
    return Finding(
        id="calibration-dtype",
        severity=Severity.ERROR,
        headline=f"{'Pictures' if is_picture else 'Values'} were normalized and then cast to "
        "integers",
        evidence=f"{layer.described()}: all values are at most {largest} or at least "
        f"{256 - largest}, stored as {seen.dtype}",
        why="The cast leaves a handful of values, and negative ones wrap round to 255.",
        remedy=f"Store the normalized values as float32{pixels}.",
        layers=(layer.name,),
        measured={"low": seen.statistics.low, "high": seen.statistics.high},
    )


def _overflowed(context: Context, layer: Layer, seen: InputDigests) -> Finding:
    counted = seen.wrapped
    over, middle = counted.over / counted.steps, counted.middle / counted.steps
    finding = partial(
        Finding,
        id="calibration-dtype",
        severity=Severity.ERROR,
        evidence=f"{over:.1%} of the steps between neighbouring pixels of {layer.described()} are "
        f"larger than 191, and only {middle:.1%} are about half as large; in pictures it is the "
        "reverse",
        layers=(layer.name,),
        measured={"steps_over_the_end": over, "steps_half_as_large": middle},
    )
    if is_unsigned(seen):
        undo = "x.view(np.uint8)" if seen.dtype == "int8" else "x % 256"
        return finding(
            headline="Pixels of 0 to 255 were stored as int8",
            why="Pixels above 127 became negative, so that light places are darker than dark ones.",
            remedy=f"Change {data_of(context, [layer.name])} with `x = {undo}`, {AGAIN}.",
        )
    return finding(
        headline="Pixels left the range of 8 bit and began again at its other end",
        why="Sums and products of uint8 have no place for values above 255 or below 0, so that "
        "light places became dark, or dark ones light.",
        remedy="Compute with float32 and clip before the cast, as with `np.clip(x, 0, 255)`, "
        f"{AGAIN}.",
    )


def _unusual(inputs: Sequence[tuple[Layer, InputDigests]]) -> Finding:
    stored = [f"{layer.described()}: {seen.dtype}" for layer, seen in inputs]
    lines = [
        f"{layer.described()} with `x = x.astype(np.{_better(seen)})`" for layer, seen in inputs
    ]
    return Finding(
        id="calibration-dtype",
        severity=Severity.INFO,
        headline="The samples are stored in a type that gains no precision",
        evidence=listed(stored, 3),
        why="The compiler works with uint8 and float32, and holds the whole set in memory.",
        remedy=f"Convert the array of {listed(lines)} before it is saved.",
        layers=tuple(layer.name for layer, _ in inputs),
        measured={
            f"bytes per value of {layer.name}": float(np.dtype(seen.dtype).itemsize)
            for layer, seen in inputs
        },
    )


def _better(seen: InputDigests) -> str:
    fits = seen.statistics.low >= 0.0 and seen.statistics.high <= WHITE
    return "uint8" if fits and np.dtype(seen.dtype).kind in "iub" else "float32"
