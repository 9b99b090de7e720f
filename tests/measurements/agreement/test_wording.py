"""Measures in words: counts of many, and of one."""

from __future__ import annotations

import math

import pytest

from utils.measurements.agreement.readings import Agreement
from utils.measurements.agreement.wording import in_words


@pytest.mark.parametrize(
    ("measure", "value", "of", "said"),
    [
        ("same_decision", 1.0, 2, "100% of 2 scores decide alike"),
        ("same_decision", 1.0, 1, "the one score decides alike"),
        ("same_decision", 0.0, 1, "the one score decides otherwise"),
        ("same_top1", 1.0, 1, "the same class as in float comes first in the one sample"),
        ("same_top1", 0.0, 1, "another class than in float comes first in the one sample"),
        ("same_top1", 1.0, 3, "the same class as in float comes first in 3 of 3 samples"),
        ("still_fire", 0.0, 1, "the one score that fires in float no longer does"),
        ("psnr_db", 41.0, 1, "the PSNR is 41.0 dB"),
    ],
)
def test_one_thing_is_said_in_the_singular(measure: str, value: float, of: int, said: str) -> None:
    assert in_words(measure, Agreement(value, math.nan, math.nan, of=of)) == said


def test_what_was_not_decided_is_no_count_of_one() -> None:
    assert "nan" in in_words("same_decision", Agreement(math.nan, math.nan, math.nan, of=1))
