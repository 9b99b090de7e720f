"""Frames as cameras give them, with the brightness of a picture above its halved colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from utils.dataset.recipes.steps import Kind, Step
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape

PROPORTIONS = ((4, 3), (16, 9))  # width and height of what cameras give
COLOURS = 3
# ITU-R BT.601: brightness from 16 to 235, and what two differences of colours add to red, green and
# blue.
_BLACK, _GAIN, _ADDED = 16.0, 1.164, "[[0, -0.391, 2.018], [1.596, -0.813, 0]]"


class Frame(NamedTuple):
    """Frames of NV12, NV21 or I420, and what makes pictures of them.

    Parameters
    ----------
    steps : that bring the array to (samples, height, width, channels).
    shape : (height, width, channels) of the pictures.
    """

    steps: tuple[Step, ...]
    shape: Shape


def frame_of(got: tuple[int, ...], expected: Shape, dtype: DTypeLike) -> Frame | None:
    """The frames that an array seems to hold, by its shape; None where it holds none.

    Grey pictures have such a shape, too: so the pictures have to be as high and as wide as the
    input, or the array has to be one and a half times as high as pictures of cameras are.

    Parameters
    ----------
    got : shape of the array.
    expected : (height, width, channels) of one sample.
    dtype : of the array.
    """
    is_wanted = is_image_shaped(expected) and expected[2] in (1, COLOURS)
    if not is_wanted or np.dtype(dtype) != np.uint8:
        return None
    sides = tuple(size for size in got[1:] if size != 1)
    for height, width in _sizes(sides, expected):
        rows = f"x = x.reshape(-1, {height * 3 // 2}, {width})"
        steps = list(_steps(height, width, expected[2]))
        if got[1:] != (height * 3 // 2, width):
            steps[0] = Step(steps[0].kind, f"{rows}; {steps[0].code}", steps[0].of)
        return Frame(tuple(steps), (height, width, expected[2]))
    return None


def _sizes(sides: tuple[int, ...], expected: Shape) -> Iterator[tuple[int, int]]:
    """The height and width that pictures in such frames have."""
    wanted = expected[:2]
    if sides == (wanted[0] * wanted[1] * 3 // 2,) and not (wanted[0] % 2 or wanted[1] % 2):
        yield wanted
    if len(sides) != 2 or sides[0] % 3 or sides[1] % 2:
        return
    height, width = sides[0] * 2 // 3, sides[1]
    is_camera = any(width * down == height * along for along, down in PROPORTIONS)
    if (height, width) == wanted or is_camera:
        yield height, width


def _steps(height: int, width: int, channels: int) -> Iterator[Step]:
    if channels == 1:
        yield Step(Kind.TAKE_BRIGHTNESS, f"x = x[:, :{height}, :, np.newaxis]", (str(height),))
        return
    colours = f"c = x[:, {height}:].reshape(-1, {height // 2}, {width // 2}, 2)"
    spread = "c = c.repeat(2, 1).repeat(2, 2) - 128.0"
    rgb = in_rgb(f"x[:, :{height}, :, np.newaxis]")
    yield Step(Kind.CONVERT_FRAMES, "; ".join((colours, spread, *rgb)))


def in_rgb(light: str) -> tuple[str, str]:
    """Statements that make pictures `x` of brightness and of the differences of colours, `c`.

    Parameters
    ----------
    light : expression for the brightness, (samples, height, width, 1).
    """
    return (
        f"x = {_GAIN} * ({light} - {_BLACK}) + c @ {_ADDED}",
        "x = np.clip(x, 0, 255).round().astype(np.uint8)",
    )
