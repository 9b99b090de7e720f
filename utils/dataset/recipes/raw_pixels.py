"""Pixels as cameras and displays store them, told by how neighbouring values go on.

Shapes alone do not tell: a mosaic of colour filters has the shape of a grey picture, and colours in
16 bits that of deep grey ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.recipes.camera_frames import COLOURS, in_rgb
from utils.dataset.recipes.steps import Kind, Step, Steps
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape

Values = NDArray[np.float64]
# Neighbours of one mosaic are of unlike colours, so that the value after the next is nearer.
# Pictures have less than 1 there, noise has 1.
MOSAIC = 1.15
# Steps between neighbours, of what values spread by: what is smooth has less, noise 1.1.
SMOOTH = 0.6
NEUTRAL, MOST_OFF = 128.0, 64.0  # where differences of colours lie
# Of a step between rows, that may lie between brightness and colours; there it is more.
USUAL_STEP = 2.0


def raw_pixel_steps(samples: NDArray[Any], expected: Shape) -> Steps:
    """What makes pictures of raw pixels of the size that is wanted; () where there are none.

    Parameters
    ----------
    samples : some of an array, (samples, ...).
    expected : (height, width, channels) of one sample.
    """
    height, width, channels = expected
    if channels != COLOURS or not is_image_shaped(expected) or not len(samples):
        return ()
    sides = tuple(size for size in samples.shape[1:] if size != 1)
    form = f"x = x.reshape(-1, {height}, {width})"
    if height % 2 or width % 2:
        return ()
    if samples.dtype == np.uint8 and sides in ((height, width, 2), (height, 2 * width)):
        pairs = samples.reshape(-1, height, width, 2)
        words = np.ascontiguousarray(pairs).view("<u2")[..., 0]
        if _is_565(words):
            return (_colours(f'{form[:-1]}, 2).view("<u2")[..., 0]'),)
        place = _colour_place(pairs)
        return () if place is None else (_unpacked(place, height, width),)
    if samples.dtype.kind != "u" or sides != (height, width):
        return ()
    flat = samples.reshape(-1, height, width)
    if samples.dtype == np.uint16 and _is_565(flat):
        return (_colours(form),)
    return (_demosaiced(form),) if _is_mosaic(flat) else ()


def are_whole_pictures(samples: NDArray[Any]) -> bool:
    """Whether pictures go on below two thirds of the rows, where frames of NV12 have colours."""
    sides = tuple(size for size in samples.shape[1:] if size != 1)
    if len(sides) != 2 or sides[0] % 3 or samples.dtype != np.uint8:
        return False
    values, height = samples.reshape(-1, *sides).astype(np.float64), sides[0] * 2 // 3
    steps = np.abs(np.diff(values, axis=1)).mean(axis=(0, 2))
    usual = float(np.delete(steps, height - 1).mean())
    is_smooth = usual < SMOOTH * float(values.std())
    return is_smooth and float(steps[height - 1]) <= USUAL_STEP * usual


def _steps(values: Values, distance: int) -> Iterator[float]:
    """How far values lie apart at a distance, along columns and rows."""
    for axis in (1, 2):
        ahead = np.take(values, range(distance, values.shape[axis]), axis)
        behind = np.take(values, range(values.shape[axis] - distance), axis)
        yield float(np.abs(ahead - behind).mean())


def _is_mosaic(samples: NDArray[Any]) -> bool:
    values = samples.astype(np.float64)
    return all(
        one > MOSAIC * two > 0
        for one, two in zip(_steps(values, 1), _steps(values, 2), strict=True)
    )


def _is_smooth(values: Values) -> bool:
    spread = float(values.std())
    return spread > 0 and max(_steps(values, 1)) < SMOOTH * spread


def _is_565(words: NDArray[Any]) -> bool:
    """Whether 5, 6 and 5 bits are pictures of their own; the last bits of a number are noise."""
    parts = (words >> 11, (words >> 5) & 63, words & 31)
    return all(_is_smooth(part.astype(np.float64)) for part in parts)


def _colour_place(pairs: NDArray[Any]) -> int | None:
    """Which byte of each pair holds one of two colours in turn, beside brightness; None if none."""
    for place in (1, 0):
        colours = pairs[..., place].astype(np.float64)
        light = pairs[..., 1 - place].astype(np.float64)
        each = (colours[:, :, 0::2], colours[:, :, 1::2])
        is_neutral = all(abs(float(one.mean()) - NEUTRAL) <= MOST_OFF for one in each)
        is_narrow = all(float(one.std()) < float(light.std()) for one in each)
        if is_neutral and is_narrow and _is_smooth(light):
            return place
    return None


def _unpacked(place: int, height: int, width: int) -> Step:
    name = "YUYV" if place else "UYVY"
    form = f"x = x.reshape(-1, {height}, {width}, 2)"
    colours = f"c = x[..., {place}].reshape(-1, {height}, {width // 2}, 2).repeat(2, 2) - 128.0"
    light = f"x[..., {1 - place}, np.newaxis]"
    return Step(Kind.UNPACK_FRAMES, "; ".join((form, colours, *in_rgb(light))), (name,))


def _colours(words: str) -> Step:
    parts = "np.stack([(x >> 11) * 255 // 31, (x >> 5 & 63) * 255 // 63, (x & 31) * 255 // 31], -1)"
    wide = "x = x.astype(np.uint32)"
    return Step(Kind.UNPACK_BITS, f"{words}; {wide}; x = {parts}.astype(np.uint8)")


def _demosaiced(form: str) -> Step:
    """Half as fine: every square of four filters becomes one colour."""
    green = "(x[:, 0::2, 1::2].astype(np.float32) + x[:, 1::2, 0::2]) / 2"
    parts = f"np.stack([x[:, 0::2, 0::2], {green}, x[:, 1::2, 1::2]], -1)"
    code = f"{form}; t = x.dtype; x = {parts}.repeat(2, 1).repeat(2, 2).astype(t)"
    return Step(Kind.DEMOSAIC, code)
