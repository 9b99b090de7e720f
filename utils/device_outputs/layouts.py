"""How an array of a dump may lie, so that it holds one output of all samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Dumped
from utils.har.network import Shape

CHANNELS_FIRST = "channels first, (samples, channels, height, width)"
BYTES_FOR_WORDS, WORDS_FOR_BYTES = "bytes-for-words", "words-for-bytes"
SAMPLES_LAST = "samples last, (height, width, channels, samples)"
ALIGNMENT = 8  # to whose multiple the chip pads widths, or channels
# By bytes of a value: what raw files hold.
RAW_TYPES = {1: "u1", 2: "<u2", 4: "<f4", 8: "<f8"}


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read an array.

    Parameters
    ----------
    array : (samples, height, width, channels), of the type of the file.
    layout : how it lies there, where not so; a clause.
    undoes : word of the reason that reading it so undoes; "" where nothing is wrong.
    whole : the same with all frames, of which `array` has those of the samples; None where these
        are all.
    """

    array: NDArray[Any]
    layout: str = ""
    undoes: str = ""
    whole: NDArray[Any] | None = None


def readings(dumped: Dumped, shape: Shape, samples: int) -> list[Reading]:
    """Every way in which an array holds so many samples of a shape, what is right first.

    Parameters
    ----------
    shape : (height, width, channels) of one sample.
    """
    if dumped.is_raw:
        return list(_raw(dumped.array, shape, samples))
    found = list(_plain(dumped.array, shape, samples))
    return found or list(_faulty(dumped.array, shape, samples))


def _plain(array: NDArray[Any], shape: Shape, samples: int) -> Iterator[Reading]:
    if array.size != samples * math.prod(shape):
        return
    given, wanted = _squeezed(array.shape), _squeezed((samples, *shape))
    height, width, channels = shape
    pixels = height * width
    rows = (_squeezed((samples, pixels, channels)), _squeezed((samples, pixels * channels)))
    if given == wanted:
        yield Reading(array.reshape(samples, *shape))
    elif given in (*rows, (array.size,)):
        yield Reading(array.reshape(samples, *shape), "flattened")
    elif given == _squeezed((samples, channels, height, width)):
        yield Reading(_channels_last(array, shape, samples), CHANNELS_FIRST)
    elif given == _squeezed((samples, channels, pixels)):
        yield Reading(_channels_last(array, shape, samples), f"{CHANNELS_FIRST}, flattened")
    elif math.prod(given[:2]) == samples and given[2:] == _squeezed(shape):
        yield Reading(array.reshape(samples, *shape), f"in batches of {given[1]}")
    else:
        yield from _in_parts(array, shape, samples)
    # As many samples as channels leave both ways open.
    if samples > 1 and given == (*_squeezed(shape), samples) and len(given) > 1:
        yield Reading(np.moveaxis(array.reshape(*shape, samples), -1, 0), SAMPLES_LAST)


def _in_parts(array: NDArray[Any], shape: Shape, samples: int) -> Iterator[Reading]:
    """Channels that hosts part in two, as those of every anchor."""
    height, width, channels = shape
    if array.ndim != 5 or array.shape[0] != samples:
        return
    for order, what in (
        ((0, 1, 2, 3, 4), "(samples, height, width, {}, {})"),
        ((0, 2, 3, 1, 4), "(samples, {}, height, width, {})"),
        ((0, 3, 4, 1, 2), "(samples, {}, {}, height, width)"),
    ):
        lying = array.transpose(order)
        parts = lying.shape[3:]
        if lying.shape[1:3] == (height, width) and math.prod(parts) == channels:
            said = f"channels in parts, {what.format(*parts)}"
            yield Reading(np.ascontiguousarray(lying).reshape(samples, *shape), said)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _channels_last(array: NDArray[Any], shape: Shape, samples: int) -> NDArray[Any]:
    height, width, channels = shape
    lying = array.reshape(samples, channels, height, width)
    turned: NDArray[Any] = lying.transpose(0, 2, 3, 1)
    return turned


def _faulty(array: NDArray[Any], shape: Shape, samples: int) -> Iterator[Reading]:
    """What a fault makes of the shape: padding, bytes for words, words for bytes."""
    yield from (way for way, axes in _padded(array, shape, samples) if _shows(array, axes))
    wanted = samples * math.prod(shape)
    whole = array.dtype.kind in "uib" or bool((array == np.rint(array)).all())
    if not whole or not array.size or array.min() < 0:
        return
    if array.size == 2 * wanted and array.max() <= 0xFF:
        words = np.ascontiguousarray(array.astype("u1")).reshape(-1).view("<u2")
        yield Reading(words.reshape(samples, *shape), undoes=BYTES_FOR_WORDS)
    elif 2 * array.size == wanted and array.max() <= 0xFFFF:
        pairs = np.ascontiguousarray(array.astype("<u2")).reshape(-1).view("u1")
        yield Reading(pairs.reshape(samples, *shape), undoes=WORDS_FOR_BYTES)


def _shows(array: NDArray[Any], axes: tuple[int, ...]) -> bool:
    """Whether the shape of an array is that of a layout, or says nothing of it."""
    flat = (array.size // axes[0],)
    return _squeezed(array.shape) in (_squeezed(axes), _squeezed((axes[0], *flat)), (array.size,))


def _padded(
    array: NDArray[Any], shape: Shape, samples: int
) -> Iterator[tuple[Reading, tuple[int, ...]]]:
    """The layouts in which the chip itself writes, with their axes.

    It pads widths, or channels, to a multiple of 8.
    """
    height, width, channels = shape
    wide, deep = _aligned(width), _aligned(channels)
    cut = (slice(None), slice(None), slice(width), slice(channels))
    for axes, order, what in (
        ((samples, height, wide, channels), (0, 1, 2, 3), f"rows of {wide} pixels for {width}"),
        ((samples, height, width, deep), (0, 1, 2, 3), f"{deep} channels for {channels}"),
        (
            (samples, height, channels, wide),
            (0, 1, 3, 2),
            f"channel by channel in every row, {wide} pixels for {width}",
        ),
        ((samples, height, wide, deep), (0, 1, 2, 3), f"{wide} pixels and {deep} channels"),
    ):
        if array.size == math.prod(axes) and array.size > samples * math.prod(shape):
            lying = array.reshape(axes).transpose(order)
            yield Reading(np.ascontiguousarray(lying[cut]), what, "padded-layout"), axes


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _raw(data: NDArray[np.uint8], shape: Shape, samples: int) -> Iterator[Reading]:
    """Bytes, with the type that their number tells."""
    found: list[Reading] = []
    flat = np.ascontiguousarray(data).reshape(-1)
    for size, name in RAW_TYPES.items():
        if flat.size % size or not flat.size:
            continue
        typed = flat.view(name)
        if name.startswith("<f") and not np.isfinite(typed).all():
            continue
        found.extend(replace(way, layout="") for way in _plain(typed, shape, samples))
        found.extend(way for way, _ in _padded(typed, shape, samples))
    yield from sorted(found, key=lambda reading: bool(reading.undoes))


def other_count(dumped: Dumped, shape: Shape) -> int:
    """How many samples of a shape an array holds, by its size; 0 where it holds no whole number."""
    each = math.prod(shape)
    if dumped.is_raw:
        return 0
    dims = dumped.array.shape
    if len(dims) < 1 or dumped.array.size % each or not dumped.array.size:
        return 0
    rest = _squeezed(dims[1:])
    height, width, channels = shape
    known = (
        _squeezed(shape),
        _squeezed((channels, height, width)),
        _squeezed((each,)),
        _squeezed((height * width, channels)),
    )
    if rest in known:
        return int(dims[0])
    return 1 if _squeezed(dims) in known[:2] else 0
