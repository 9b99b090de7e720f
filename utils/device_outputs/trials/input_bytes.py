"""Frames whose bytes are not one for each value, in rows without gaps.

HailoRT takes as many bytes as an input has, from wherever a pointer leads: of a buffer with a wider
type, with padded rows or with a fourth channel it gets the first part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import BYTE
from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_pixels,
    as_codes,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

Facts = Mapping[str, InputFacts]
Values = NDArray[np.float64]
SIGN = 128  # what int8 is apart from uint8
ALIGNED_BYTES = (16, 32, 64, 128, 256)  # to which cameras, encoders and images pad their rows
ALIGNED_PIXELS = (16, 32, 64)
COLOURS, OPAQUE = 3, 255


def input_signed(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Pixels moved to -128..127, as TFLite has them, for an input that takes 0..255."""
    pixels = _pixels(samples)
    for evidence, change in (
        ("samples less 128, as bytes of int8", _as_int8),
        ("samples less 128", _less),
    ):
        changed = {
            name: by_frame(values, partial(change, _facts(facts, name)))
            for name, values in pixels.items()
        }
        yield from with_every_input("input-signed", evidence, samples, changed)


def input_wide(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """The first bytes of values that take four or eight bytes each."""
    every, pixels = dict(samples), _pixels(samples)
    for said, type_, factor, of in (
        ("samples as float32", "<f4", 1.0, every),
        ("samples divided by 255 as float32", "<f4", PIXEL, pixels),
        ("samples as float64", "<f8", 1.0, every),
    ):
        changed = {
            name: by_frame(values, partial(_first_bytes, _facts(facts, name), type_, factor))
            for name, values in of.items()
        }
        yield from with_every_input("input-wide", f"the first bytes of {said}", samples, changed)


def input_stride(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Rows that are padded in memory, read without their gaps."""
    pixels = _pixels(samples)
    strides = sorted({stride for values in pixels.values() for stride in _strides(values)})
    for stride in strides:
        changed = {
            name: by_frame(values, partial(_padded, _facts(facts, name), stride))
            for name, values in pixels.items()
            if stride in _strides(values)
        }
        evidence = f"rows of the samples padded to {stride} bytes"
        yield from with_every_input("input-stride", evidence, samples, changed)


def input_alpha(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Four bytes for each pixel, read as three."""
    coloured = {name: v for name, v in _pixels(samples).items() if v.shape[3] == COLOURS}
    for said, order in (("RGBA", slice(None)), ("BGRA", slice(None, None, -1))):
        changed = {
            name: by_frame(values, partial(_with_alpha, _facts(facts, name), order))
            for name, values in coloured.items()
        }
        evidence = f"samples with a fourth channel, {said}"
        yield from with_every_input("input-alpha", evidence, samples, changed)


def _pixels(samples: Samples) -> dict[str, NDArray[Any]]:
    return {name: values for name, values in samples.items() if are_pixels(values)}


def _facts(facts: Facts, name: str) -> InputFacts:
    return facts.get(name, InputFacts())


def _strides(values: NDArray[Any]) -> set[int]:
    """Bytes of a row of pixels in memory, where that is padded."""
    width, channels = values.shape[2:]
    row = width * channels
    aligned = {-(-row // size) * size for size in ALIGNED_BYTES}
    aligned |= {-(-width // size) * size * channels for size in ALIGNED_PIXELS}
    return aligned - {row} if values.shape[1] > 1 else set()


def _as_int8(facts: InputFacts, pixels: NDArray[Any]) -> Values:
    return as_codes((np.rint(pixels.astype(np.float64)) - SIGN) % BYTE, facts)


def _less(facts: InputFacts, pixels: NDArray[Any]) -> Values:
    del facts
    found: Values = pixels.astype(np.float64) - SIGN
    return found


def _first_bytes(facts: InputFacts, type_: str, factor: float, values: NDArray[Any]) -> Values:
    wide = np.ascontiguousarray(values / factor, type_).reshape(len(values), -1)
    return _read(facts, wide.view(np.uint8), values.shape)


def _padded(facts: InputFacts, stride: int, pixels: NDArray[Any]) -> Values:
    count, height, width, channels = pixels.shape
    rows = np.zeros((count, height, stride), np.uint8)
    rows[:, :, : width * channels] = np.rint(pixels).reshape(count, height, -1)
    return _read(facts, rows.reshape(count, -1), pixels.shape)


def _with_alpha(facts: InputFacts, order: slice, pixels: NDArray[Any]) -> Values:
    four = np.full((*pixels.shape[:3], COLOURS + 1), OPAQUE, np.uint8)
    four[..., :COLOURS] = np.rint(pixels[..., order])
    return _read(facts, four.reshape(len(pixels), -1), pixels.shape)


def _read(facts: InputFacts, rows: NDArray[np.uint8], shape: tuple[int, ...]) -> Values:
    """As many bytes of each frame as the chip takes."""
    taken = rows[:, : int(np.prod(shape[1:]))].reshape(shape)
    return as_codes(taken.astype(np.float64), facts)
