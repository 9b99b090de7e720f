from __future__ import annotations

from dataclasses import replace

import pytest

import inspectors
from inspectors.documentation import documented_ids
from tests.baseline.runs import found
from utils.baseline.telling_numbers import TELLING, direction

IDS = {finding_id for cls in inspectors.discover()[0] for finding_id in documented_ids(cls)}


@pytest.mark.parametrize("finding_id", TELLING)
def test_every_id_exists(finding_id: str) -> None:
    assert finding_id in IDS


@pytest.mark.parametrize(
    ("finding_id", "key", "before", "now", "expected"),
    [
        ("low-snr", "a", 5.0, 5.0 + 1e-7, 0),
        ("low-snr", "a", 5.0, 5.49, 0),
        ("low-snr", "a", 5.0, 5.51, 1),
        ("low-snr", "a", 5.0, 4.0, -1),
        ("low-snr-outlier", "first_quartile", 5.0, 1.0, 0),
        ("range-saturates", "a", 0.010, 0.0105, 0),
        ("range-saturates", "a", 0.010, 0.012, -1),
        ("range-saturates", "a", 0.010, 0.008, 1),
        ("range-saturates", "output_snr_before_db", 9.0, 1.0, 0),
        ("noise-born-here", "a", 12.0, 8.0, 1),
        ("worst-samples", "sample 5 at a", 12.0, 8.0, -1),
        ("unused-range", "unused_upper", 0.10, 0.20, -1),
        ("unused-range", "high", 10.0, 20.0, 0),
        ("weights-shrunk", "a", 1.0, 1.05, 0),
        ("weights-shrunk", "a", 1.0, 2.0, -1),
        ("calibration-too-few", "samples", 64.0, 32.0, -1),
        ("mixed-precision-plan", "a", 1.0, 100.0, 0),
        ("decisions-change", "a same_top1", 0.90, 0.93, 0),
        ("decisions-change", "a same_top1", 0.90, 0.80, -1),
        ("decisions-change", "a beyond_0.3", 0.9, 0.4, 1),
        ("decisions-change", "a beyond_0.1", 0.4, 0.9, -1),
        ("decisions-change", "a psnr_db", 20.0, 20.4, 0),
        ("decisions-change", "a median_snr_db", 8.0, 2.0, -1),
        ("channel-without-codes", "channels", 1.0, 3.0, -1),
    ],
)
def test_a_number_tells_in_its_direction_beyond_its_margin(
    finding_id: str, key: str, before: float, now: float, expected: int
) -> None:
    was, is_now = (replace(found("a", id=finding_id), measured={key: n}) for n in (before, now))
    assert direction((was,), is_now) == expected


def test_the_worst_number_decides() -> None:
    was = found("a b", id="low-snr", a=5.0, b=9.0)
    assert direction((was,), found("a b", id="low-snr", a=5.2, b=6.0)) == 0
    assert direction((was,), found("a b", id="low-snr", a=6.0, b=5.8)) == 1


def test_one_measure_that_became_worse_decides() -> None:
    before = {"a same_top1": 0.8, "b beyond_0.3": 0.3}
    now = {"a same_top1": 0.9, "b beyond_0.3": 0.5}
    was, is_now = (
        replace(found("a b", id="decisions-change"), measured=each) for each in (before, now)
    )
    assert direction((was,), is_now) == -1
    assert direction((is_now,), was) == -1
    assert direction((was,), replace(is_now, measured={"a same_top1": 0.9})) == 1


def test_numbers_that_one_run_lacks_tell_nothing() -> None:
    assert direction((found("a", id="low-snr"),), found("a", id="low-snr", a=5.0)) == 0
    assert direction((found("a", id="low-snr", a=5.0),), found("a", id="low-snr")) == 0
