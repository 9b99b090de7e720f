from __future__ import annotations

import math

import pytest

from utils.measurements.noise import snr_in_words


@pytest.mark.parametrize(
    ("snr_db", "said"),
    [
        (12.345, "12.3 dB"),
        (-3.0, "-3.0 dB"),
        (None, "unknown"),
        (math.nan, "unknown"),
        (math.inf, "no noise"),
        (-math.inf, "no signal"),
    ],
)
def test_an_snr_is_said_to_a_tenth_or_in_words(snr_db: float | None, said: str) -> None:
    assert snr_in_words(snr_db, "unknown") == said


def test_what_was_not_measured_is_none_unless_told_otherwise() -> None:
    assert snr_in_words(None) == "none"
