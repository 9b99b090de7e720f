"""The padding modes against a search for the smallest padding that gives the promised size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.emulator.operations.padding import Margin, Window, margin, transposed_margin

WINDOWS = st.builds(Window, st.integers(1, 7), st.integers(1, 4), st.integers(1, 3))


def windows_that_fit(size: int, window: Window) -> int:
    """Count positions one by one."""
    reach = window.dilation * (window.size - 1)
    return sum(1 for start in range(0, size, window.stride) if start + reach < size)


def smallest_total(size: int, window: Window) -> int:
    wanted = len(range(0, size, window.stride))
    total = 0
    while windows_that_fit(size + total, window) < wanted:
        total += 1
    return total


@given(st.integers(1, 40), WINDOWS)
def test_same_tensorflow_is_the_smallest_padding_with_the_odd_value_last(
    size: int, window: Window
) -> None:
    before, after = margin("SAME_TENSORFLOW", size, window)
    assert before + after == smallest_total(size, window)
    assert after - before in (0, 1)


@given(st.integers(1, 40), WINDOWS)
def test_same_keeps_half_of_the_window_before_and_the_same_number_of_windows(
    size: int, window: Window
) -> None:
    before, after = margin("SAME", size, window)
    assert before == (window.dilation * (window.size - 1)) // 2
    wanted = len(range(0, size, window.stride))
    assert windows_that_fit(before + size + after, window) == wanted
    assert after == 0 or windows_that_fit(before + size + after - 1, window) < wanted


@given(st.integers(1, 40), WINDOWS)
def test_valid_pads_nothing(size: int, window: Window) -> None:
    assert margin("VALID", size, window) == (0, 0)


@pytest.mark.parametrize(
    ("mode", "size", "window", "expected"),
    [
        ("SAME_TENSORFLOW", 224, Window(7, 2), (2, 3)),
        ("SAME", 224, Window(7, 2), (3, 2)),
        ("SAME_TENSORFLOW", 56, Window(3, 2), (0, 1)),
        ("SAME", 56, Window(3, 2), (1, 0)),
        ("SAME", 55, Window(3, 2), (1, 1)),
        ("SAME", 16, Window(3, 1, 4), (4, 4)),
        ("SAME", 6, Window(1, 2), (0, 0)),
    ],
)
def test_known_geometries(mode: str, size: int, window: Window, expected: Margin) -> None:
    assert margin(mode, size, window) == expected


@pytest.mark.parametrize(
    ("mode", "window", "surplus", "expected"),
    [
        ("DECONV", Window(4, 2), 2, (1, 1)),
        ("DECONV", Window(2, 2), 0, (0, 0)),
        ("DECONV", Window(3, 2), 1, (0, 1)),
        ("SAME_TENSORFLOW", Window(3, 2), 1, (0, 1)),
        ("SAME", Window(3, 2), 1, (1, 0)),
        ("SAME", Window(4, 2), 2, (1, 1)),
        ("SAME", Window(5, 1), 4, (2, 2)),
        ("DECONV", Window(2, 3), -1, (0, -1)),
        ("SAME", Window(2, 3), -1, (0, -1)),
    ],
)
def test_known_cuts_of_transposed_convolutions(
    mode: str, window: Window, surplus: int, expected: Margin
) -> None:
    assert transposed_margin(mode, window, surplus) == expected
