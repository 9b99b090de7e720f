"""What makes arrays fit, whatever happened to them on their way, and what is not touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.dataset.recipes import camera_pixels as camera
from tests.dataset.recipes.examples import GREY, PICTURE, VECTOR, pixels
from utils.dataset.recipes.fitting import fitting_steps
from utils.dataset.recipes.steps import Kind, in_words, statements
from utils.har.network import Shape

Array = NDArray[Any]
Change = Callable[[Array], Array]

LAYOUTS: list[Change] = [
    lambda x: x,
    lambda x: x.transpose(0, 3, 1, 2),
    lambda x: x.transpose(0, 1, 3, 2),
    lambda x: x[:, None],
    lambda x: x[None],
    lambda x: x[..., None],
    lambda x: x.transpose(0, 3, 1, 2)[:, None],
    lambda x: x.transpose(1, 2, 3, 0),
    lambda x: x.transpose(1, 2, 0, 3),
    lambda x: x.transpose(3, 1, 2, 0),
    lambda x: x.reshape(2, -1, *x.shape[1:]),
    lambda x: x.transpose(0, 3, 1, 2).reshape(2, -1, x.shape[3], *x.shape[1:3]),
    lambda x: x.reshape(len(x), -1, x.shape[3]),
    lambda x: x.reshape(len(x), -1),
    lambda x: x.reshape(-1),
]
# What happened to the channels, and the channels that are left of it.
CHANNELS: list[tuple[Change, Change]] = [
    (lambda x: np.concatenate([x, x[..., :1]], -1), lambda x: x),
    (lambda x: x[..., :1], lambda x: x[..., [0, 0, 0]]),
]


def mended(array: Array, expected: Shape) -> Array:
    steps = fitting_steps(array, expected)
    assert steps is not None
    scope: dict[str, Any] = {"x": array, "np": np}
    exec("; ".join(statements(steps)), scope)
    found: Array = scope["x"]
    return found


# Not four: three pictures with alpha have the same shape as four with the channels in front.
@given(
    st.sampled_from([1, 3, 4]), st.sampled_from(LAYOUTS), st.sampled_from([PICTURE, GREY, VECTOR])
)
def test_whatever_the_layout_it_comes_back(pairs: int, layout: Change, shape: Shape) -> None:
    x = pixels(shape, 2 * pairs)
    np.testing.assert_array_equal(mended(layout(x), shape), x)


@given(st.integers(3, 8), st.sampled_from(LAYOUTS[:2]), st.sampled_from(CHANNELS))
def test_whatever_the_channels_it_comes_back(
    count: int, layout: Change, channels: tuple[Change, Change]
) -> None:
    x = pixels(PICTURE, count)
    change, left = channels
    np.testing.assert_array_equal(mended(layout(change(x)), PICTURE), left(x))


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ((6, 40, 56, 2), PICTURE),  # two channels of what?
        ((6, 40, 56, 3), (40, 56, 4)),
        ((6, 80), PICTURE),
        ((1000, 5000), PICTURE),
        ((6, 2000, 3), PICTURE),  # rows of a table
        ((6, 4, 5, 3), PICTURE),
        ((6, 40, 56, 3), (1, 1, 80)),
        ((6, 8, 8, 3), (4, 5, 3)),  # a feature map
        ((99, 1, 1, 79), (1, 1, 80)),
        ((6, 10, 30, 3), (1, 20, 3)),
    ],
)
def test_what_nothing_mends(got: tuple[int, ...], expected: Shape) -> None:
    assert fitting_steps(np.zeros(got, np.uint8), expected) is None


@pytest.mark.parametrize(
    ("got", "expected", "kinds"),
    [
        ((6, 40, 56, 3), PICTURE, []),
        ((6, 56, 40, 3), PICTURE, [Kind.RESIZE]),
        ((6, 80, 100, 3), PICTURE, [Kind.RESIZE]),
        ((6, 3, 80, 100), PICTURE, [Kind.ORDER_AXES, Kind.RESIZE]),
        ((80, 100, 3), PICTURE, [Kind.ADD_AXIS, Kind.RESIZE]),
        ((6, 80, 100), GREY, [Kind.ADD_AXIS, Kind.RESIZE]),
        ((6, 80, 100), PICTURE, [Kind.ADD_AXIS, Kind.REPEAT_GREY, Kind.RESIZE]),
        ((6, 80, 100, 4), GREY, [Kind.CUT_ALPHA, Kind.AVERAGE_COLOURS, Kind.RESIZE]),
        ((6, 1, 80, 100, 3), PICTURE, [Kind.REMOVE_AXIS, Kind.RESIZE]),
        ((6, 60, 56), PICTURE, [Kind.CONVERT_FRAMES]),
        ((6, 60, 56, 1), PICTURE, [Kind.CONVERT_FRAMES]),
        ((6, 60, 56), GREY, [Kind.TAKE_BRIGHTNESS]),
        ((6, 720, 640), PICTURE, [Kind.CONVERT_FRAMES, Kind.RESIZE]),
        ((6, 1620, 1920), GREY, [Kind.TAKE_BRIGHTNESS, Kind.RESIZE]),
        ((6, 720, 720), PICTURE, [Kind.ADD_AXIS, Kind.REPEAT_GREY, Kind.RESIZE]),
        ((6, 480, 640), PICTURE, [Kind.ADD_AXIS, Kind.REPEAT_GREY, Kind.RESIZE]),
    ],
)
def test_pictures_take_one_step_after_the_other(
    got: tuple[int, ...], expected: Shape, kinds: list[Kind]
) -> None:
    steps = fitting_steps(np.zeros(got, np.uint8), expected)
    assert steps is not None
    assert [step.kind for step in steps] == kinds


def test_numbers_are_no_frames_of_a_camera() -> None:
    steps = fitting_steps(np.zeros((6, 60, 56), np.float32), PICTURE)
    assert steps is not None
    assert [step.kind for step in steps] == [Kind.ADD_AXIS, Kind.REPEAT_GREY, Kind.RESIZE]


def test_grey_pictures_as_high_as_frames_are_told_by_how_they_go_on() -> None:
    grey = np.pad(camera.GREYS, ((0, 0), (0, 20), (0, 0)), mode="reflect")
    frames = np.concatenate([camera.GREYS, np.full((6, 20, 56), 128, np.uint8)], 1)
    for samples, kinds in (
        (grey, [Kind.ADD_AXIS, Kind.REPEAT_GREY, Kind.RESIZE]),
        (frames, [Kind.CONVERT_FRAMES]),
    ):
        steps = fitting_steps(samples, PICTURE, samples)
        assert steps is not None and [step.kind for step in steps] == kinds


def test_raw_pixels_are_told_by_their_values_alone() -> None:
    noise = np.random.default_rng(3)
    deep = camera.GREYS.astype(np.uint16) * 256 + noise.integers(0, 256, camera.GREYS.shape)
    for samples in (camera.GREYS, deep.astype(np.uint16), pixels((40, 56, 1))[..., 0]):
        steps = fitting_steps(samples, PICTURE, samples)
        assert steps is not None
        assert [step.kind for step in steps] == [Kind.ADD_AXIS, Kind.REPEAT_GREY]
    with_alpha = np.stack([camera.GREYS, np.full_like(camera.GREYS, 255)], -1)
    assert fitting_steps(with_alpha, PICTURE, with_alpha) is None
    assert fitting_steps(camera.PACKED, PICTURE) is None


def test_exchanged_sides_are_named_where_there_are_any() -> None:
    said = "height and width are exchanged"
    for got, is_said in (((6, 56, 40, 3), True), ((6, 56, 41, 3), False)):
        steps = fitting_steps(np.zeros(got, np.uint8), PICTURE)
        assert steps is not None
        assert (said in in_words(steps)) is is_said
