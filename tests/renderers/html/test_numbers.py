from __future__ import annotations

import math

import pytest

from utils.renderers.html.numbers import (
    code,
    codes,
    decibels,
    percent,
    short_number,
    snr_with_unit,
)

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (NAN, ""),
        (0.0, "0"),
        (64.0, "64"),
        (10_000.0, "10,000"),
        (-2.5, "−2.5"),
        (0.123456, "0.1235"),
        (1.5e-9, "1.5e−09"),
        (3e12, "3e+12"),
        (INF, "∞"),
        (-INF, "−∞"),
    ],
)
def test_short_numbers(value: float | None, text: str) -> None:
    assert short_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (12.345, "12.3"), (-1.96, "−2.0"), (INF, "∞"), (-INF, "−∞")]
)
def test_decibels(value: float | None, text: str) -> None:
    assert decibels(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, ""),
        (NAN, ""),
        (0.0, "0"),
        (0.00001, "<0.01"),
        (0.0012, "0.12"),
        (0.0123, "1.2"),
        (0.123, "12"),
        (0.9996, "100"),
        (1.0, "100"),
    ],
)
def test_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_numbers_for_scripts_are_what_json_knows() -> None:
    assert codes([1.0, 0.123456, -INF, INF]) == [1, 0.1235, "-inf", "inf"]
    assert code(NAN) is None
    assert code(None) is None
    assert isinstance(code(3.0), int)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (NAN, ""),
        (-1.96, "−2.0 dB"),
        (99.94, "99.9 dB"),
        (146.3, "exact"),
        (INF, "exact"),
        (-INF, "no signal"),
    ],
)
def test_an_error_of_floating_point_alone_is_none(value: float | None, text: str) -> None:
    assert snr_with_unit(value) == text
