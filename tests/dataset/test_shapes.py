from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from utils.dataset.recipes.axes import axis_steps
from utils.dataset.recipes.steps import in_words
from utils.dataset.shapes import mending_lines, shape_difference
from utils.har.network import Shape

SIZES = st.integers(1, 5)
SHAPES = st.tuples(SIZES, SIZES, SIZES)


def _most_likely(got: tuple[int, ...], expected: Shape) -> str | None:
    return next(iter(mending_lines(got, expected)), None)


def executed(line: str, x: NDArray[np.int64]) -> NDArray[np.int64]:
    scope: dict[str, Any] = {"x": x, "np": np}
    exec(line, scope)
    mended: NDArray[np.int64] = scope["x"]
    return mended


def numbered(*shape: int) -> NDArray[np.int64]:
    return np.arange(np.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ((6, 4, 5, 3), (4, 5, 3)),  # right already
        ((6, 4, 5, 4), (4, 5, 3)),
        ((6, 10, 6, 1), (4, 5, 3)),  # as many values, other axes
        ((6, 61), (4, 5, 3)),
        ((4, 5), (4, 5, 3)),
        ((2, 2, 2, 2, 4, 5, 3), (4, 5, 3)),  # too many axes to try
        ((0, 3, 4, 5), (4, 5, 3)),
        ((6, 160), (1, 1, 80)),  # twice the features: that may be two samples or others
        ((6, 3), (1, 1, 1)),
        ((6, 10, 20, 3), (1, 30, 3)),
        ((6, 56, 40, 3), (40, 56, 3)),  # stretched pictures, which a transpose would lay down
        ((6, 3, 56, 40), (40, 56, 3)),
        ((), (1, 1, 1)),
    ],
)
def test_nothing_to_offer(got: tuple[int, ...], expected: Shape) -> None:
    assert mending_lines(got, expected) == ()
    assert axis_steps(got, expected) == ()


@pytest.mark.parametrize(
    ("got", "expected", "line"),
    [
        ((6, 3, 4, 5), (4, 5, 3), "x = x.transpose(0, 2, 3, 1)"),
        ((6, 5, 4, 3), (4, 5, 3), "x = x.transpose(0, 2, 1, 3)"),
        ((6, 3, 5, 4), (4, 5, 3), "x = x.transpose(0, 3, 2, 1)"),
        ((6, 1, 4, 5), (4, 5, 1), "x = x.transpose(0, 2, 3, 1)"),
        ((6, 80, 1, 1), (1, 1, 80), "x = x.transpose(0, 2, 3, 1)"),
        ((6, 1, 4, 5, 3), (4, 5, 3), "x = x[:, 0]"),
        ((1, 6, 4, 5, 3), (4, 5, 3), "x = x[0]"),
        ((6, 4, 5, 3, 1), (4, 5, 3), "x = x[..., 0]"),
        ((6, 2, 4, 5, 3), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((6, 1, 3, 4, 5), (4, 5, 3), "x = x[:, 0].transpose(0, 2, 3, 1)"),
        ((6, 4, 5), (4, 5, 1), "x = x[..., np.newaxis]"),
        ((6, 5, 4), (4, 5, 1), "x = x[..., np.newaxis].transpose(0, 2, 1, 3)"),
        ((6, 4, 5), (1, 4, 5), "x = x[:, np.newaxis]"),
        ((6, 4, 5), (4, 1, 5), "x = x[:, :, np.newaxis]"),
        ((4, 5, 3), (4, 5, 3), "x = x[np.newaxis]"),
        ((3, 4, 5), (4, 5, 3), "x = x[np.newaxis].transpose(0, 2, 3, 1)"),
        ((4, 5), (4, 5, 1), "x = x.reshape(-1, 4, 5, 1)"),
        ((6, 80), (1, 1, 80), "x = x.reshape(-1, 1, 1, 80)"),
        ((6, 1, 80), (1, 1, 80), "x = x.reshape(-1, 1, 1, 80)"),
        ((80,), (1, 1, 80), "x = x.reshape(-1, 1, 1, 80)"),
        ((6,), (1, 1, 1), "x = x.reshape(-1, 1, 1, 1)"),
        ((6, 20), (4, 5, 1), "x = x.reshape(-1, 4, 5, 1)"),
        ((4, 5, 3, 6), (4, 5, 3), "x = x.transpose(3, 0, 1, 2)"),
        ((4, 5, 6, 3), (4, 5, 3), "x = x.transpose(2, 0, 1, 3)"),
        ((3, 4, 5, 6), (4, 5, 3), "x = x.transpose(3, 1, 2, 0)"),
        ((80, 6), (1, 1, 80), "x = x.T.reshape(-1, 1, 1, 80)"),
        ((20, 3, 6), (1, 20, 3), "x = x.transpose(2, 0, 1).reshape(-1, 1, 20, 3)"),
        ((20, 1, 3, 6), (1, 20, 3), "x = x.transpose(3, 0, 2, 1).reshape(-1, 1, 20, 3)"),
        ((6, 20, 3), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((6, 3, 20), (4, 5, 3), "x = x.reshape(-1, 3, 4, 5).transpose(0, 2, 3, 1)"),
        ((6, 4, 15), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((2, 2, 2, 4, 5, 3), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((24, 5, 3), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((360,), (4, 5, 3), "x = x.reshape(-1, 4, 5, 3)"),
        ((480,), (1, 1, 80), "x = x.reshape(-1, 1, 1, 80)"),
        ((3, 10, 20, 3), (1, 20, 3), "x = x.reshape(-1, 1, 20, 3)"),
        ((60, 3), (1, 20, 3), "x = x.reshape(-1, 1, 20, 3)"),
        ((6, 3, 40, 40), (40, 40, 3), "x = x.transpose(0, 2, 3, 1)"),
    ],
)
def test_line(got: tuple[int, ...], expected: Shape, line: str) -> None:
    assert _most_likely(got, expected) == line
    mended = executed(line, numbered(*got))
    assert mended.shape == (mended.size // np.prod(expected), *expected)


def test_lines_that_do_the_same_are_given_once() -> None:
    assert len(mending_lines((1, 6, 3, 4, 5), (4, 5, 3))) == 1
    assert len(mending_lines((6, 80, 1, 1), (1, 1, 80))) == 1


@pytest.mark.parametrize(
    ("got", "expected", "lines", "said"),
    [
        (
            (6, 3, 4, 4),
            (4, 4, 3),
            ("x = x.transpose(0, 2, 3, 1)", "x = x.transpose(0, 3, 2, 1)"),
            "axes have equal size, so that `x = x.transpose(0, 3, 2, 1)` fits as well",
        ),
        (
            (6, 4, 3, 3),
            (3, 4, 3),
            ("x = x.transpose(0, 2, 1, 3)", "x = x.transpose(0, 3, 1, 2)"),
            "`x = x.transpose(0, 3, 1, 2)` fits as well",
        ),
        (
            (6, 60),
            (4, 5, 3),
            ("x = x.reshape(-1, 4, 5, 3)", "x = x.reshape(-1, 3, 4, 5).transpose(0, 2, 3, 1)"),
            "in the order height, width, channels, or `x = x.reshape(-1, 3, 4, 5).transpose",
        ),
    ],
)
def test_doubt_is_told(
    got: tuple[int, ...], expected: Shape, lines: tuple[str, ...], said: str
) -> None:
    assert mending_lines(got, expected) == lines
    assert said in in_words(axis_steps(got, expected))


def test_what_differs() -> None:
    assert shape_difference((6, 61), (4, 5, 3)) == "expected (samples, 4, 5, 3), got (6, 61)"


@given(st.integers(1, 6), SHAPES, st.sampled_from(list(permutations((1, 2, 3)))))
def test_moved_axes_are_among_the_lines(
    number: int, shape: Shape, order: tuple[int, int, int]
) -> None:
    x = numbered(number, *shape)
    moved = x.transpose(0, *order)
    if moved.shape == x.shape:
        return  # nothing to see
    mended = [executed(line, moved) for line in mending_lines(moved.shape, shape)]
    assert all(result.shape == x.shape for result in mended)
    assert any(np.array_equal(result, x) for result in mended)
    for i, one in enumerate(mended):
        assert not any(np.array_equal(one, other) for other in mended[:i])


@given(st.integers(2, 6), SHAPES, st.sampled_from([0, 1, 4]))
def test_an_axis_too_many_is_removed(number: int, shape: Shape, position: int) -> None:
    x = numbered(number, *shape)
    line = _most_likely(np.expand_dims(x, position).shape, shape)
    assert line is not None
    np.testing.assert_array_equal(executed(line, np.expand_dims(x, position)), x)


@given(st.tuples(SIZES, SIZES, SIZES), st.integers(0, 3))
def test_a_missing_axis_is_added(without: tuple[int, int, int], position: int) -> None:
    x = np.expand_dims(numbered(*without), position)
    _, height, width, channels = x.shape
    line = _most_likely(without, (height, width, channels))
    assert line is not None
    np.testing.assert_array_equal(executed(line, x.squeeze(position)), x)


@given(st.lists(SIZES, min_size=1, max_size=6), SHAPES)
def test_every_line_yields_the_shape_and_every_value_once(got: list[int], shape: Shape) -> None:
    x = numbered(*got)
    for line in mending_lines(x.shape, shape):
        mended = executed(line, x)
        assert mended.shape[1:] == shape
        np.testing.assert_array_equal(np.sort(mended, axis=None), np.arange(x.size))
