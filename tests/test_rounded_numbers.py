from __future__ import annotations

import math

import pytest

from utils.wording import rounded, tenths


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (0.012345, "0.0123"),
        (-4.5678, "-4.57"),
        (99.96, "100"),
        (789.4, "789"),
        (-12345.6, "-12,346"),
        (1e12, "1e+12"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_three_digits_or_whole(value: float, expected: str) -> None:
    assert rounded(value) == expected


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert [tenths(x) for x in (-0.04, 0.04, -0.06, 12.34, math.inf)] == [
        "0.0",
        "0.0",
        "-0.1",
        "12.3",
        "inf",
    ]
