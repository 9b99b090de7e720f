"""Pictures of another size, or with other channels, than the network takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

from utils.dataset.recipes.axes import axis_steps
from utils.dataset.recipes.camera_frames import frame_of
from utils.dataset.recipes.steps import Kind, Step, Steps
from utils.har.image_like import CHANNELS, is_image_shaped
from utils.har.network import Shape

LEAST_SIDE = 8  # pixels; what is smaller came from no camera
MOST_STRETCHED = 4  # the longer side in shorter ones; rows of a table may be far longer

Layout = tuple[Steps, Shape]  # what brings the axes into order, and the pictures' own shape

# What turns pictures of so many channels into pictures of as many as the network takes.
_CUT = Step(Kind.CUT_ALPHA, "x = x[..., :3]", is_quoted=True)
_MEAN = Step(Kind.AVERAGE_COLOURS, "x = x.mean(-1, keepdims=True).astype(x.dtype)", is_quoted=True)
_REPEAT = Step(Kind.REPEAT_GREY, "x = np.repeat(x, 3, axis=-1)", is_quoted=True)
CHANNEL_STEPS: dict[tuple[int, int], Steps] = {
    (1, 3): (_REPEAT,),
    (3, 1): (_MEAN,),
    (4, 1): (_CUT, _MEAN),
    (4, 3): (_CUT,),
}


def picture_steps(
    got: tuple[int, ...], expected: Shape, dtype: DTypeLike, *, may_be_frames: bool = True
) -> Steps:
    """What makes the pictures in an array fit; empty where there are none, or nothing does.

    Parameters
    ----------
    got : shape of the array.
    expected : (height, width, channels) of one sample.
    dtype : of the array.
    may_be_frames : whether it may hold frames of a camera.
    """
    if not is_image_shaped(expected):
        return ()
    frame = frame_of(got, expected, dtype) if may_be_frames else None
    if frame is not None:
        return (*frame.steps, *_resized(frame.shape, expected, np.dtype(dtype)))
    for steps, shape in _layouts(got):
        channels = () if shape[2] == expected[2] else CHANNEL_STEPS.get((shape[2], expected[2]))
        if channels is not None:
            return (*steps, *channels, *_resized(shape, expected, np.dtype(dtype)))
    return ()


def _layouts(got: tuple[int, ...]) -> Iterator[Layout]:
    """Ways to read an array as pictures, the likeliest first."""
    for shape in _picture_shapes(got):
        short, long = sorted(shape[:2])
        if short < LEAST_SIDE or long > MOST_STRETCHED * short:
            continue
        if got[1:] == shape:
            yield (), shape
        elif steps := axis_steps(got, shape):
            yield steps, shape


def _picture_shapes(got: tuple[int, ...]) -> Iterator[Shape]:
    """What may be (height, width, channels): the last three axes, else the last two."""
    if len(got) >= 3:
        first, second, third = got[-3:]
        if third in CHANNELS:
            yield first, second, third
        elif first in CHANNELS:
            yield second, third, first
    sides = tuple(size for size in got[1:] if size != 1)
    if len(sides) == 2:
        yield sides[0], sides[1], 1


def _resized(shape: Shape, expected: Shape, dtype: np.dtype[np.generic]) -> Iterator[Step]:
    if shape[:2] == expected[:2]:
        return
    height, width, channels = expected
    is_bytes = dtype == np.uint8 and channels == 3
    code = resizing("x", (height, width), is_bytes=is_bytes, dtype=dtype)
    is_stretched = shape[:2] == (width, height)
    remark = ", as height and width are exchanged and the pictures stretched" * is_stretched
    yield Step(Kind.RESIZE, code, (str(height), str(width)), remark)


def resizing(
    pictures: str, size: tuple[int, int], *, is_bytes: bool, dtype: np.dtype[np.generic] | None
) -> str:
    """A statement that resizes pictures to an array `x` (samples, height, width, channels).

    Parameters
    ----------
    pictures : expression for a sequence of arrays (height, width, channels), or (height, width).
    size : height and width.
    is_bytes : whether all are pixels of type uint8 with 3 channels.
    dtype : what the result is stored as; None for float32.
    """
    height, width = size
    if is_bytes:
        one = f"np.asarray(Image.fromarray(i).resize(({width}, {height}), Image.BILINEAR))"
        return f"x = np.stack([{one} for i in {pictures}])"
    # Pillow takes numbers of any type channel by channel.
    one = (
        f"np.asarray(Image.fromarray(c.astype(np.float32)).resize(({width}, {height}), "
        "Image.BILINEAR))"
    )
    picture = f"np.stack([{one} for c in np.moveaxis(np.atleast_3d(i), -1, 0)], -1)"
    stacked = f"np.stack([{picture} for i in {pictures}])"
    if dtype is None or dtype == np.float32:
        return f"x = {stacked}"
    rounded = ".round()" if dtype.kind in "biu" else ""
    return f'x = {stacked}{rounded}.astype("{dtype.name}")'
