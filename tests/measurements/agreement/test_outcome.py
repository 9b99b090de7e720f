"""How a change of an output is judged: decisions first, then the median sample."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.fixtures.outcomes import build_classes, build_outcome, counted
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.findings import Severity
from utils.measurements.agreement.change import change_in_words, gain_at_the_worst
from utils.measurements.agreement.limits import LIMITS
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.agreement.readings import Agreement, agreement, readings
from utils.measurements.output_kind import OutputKind

KINDS: tuple[OutputKind, ...] = ("classes", "scores", "regression", "embedding")


@pytest.mark.parametrize("kind", KINDS)
def test_an_outcome_holds_the_measures_of_its_kind(kind: OutputKind) -> None:
    floats = values(64, 1, 10)
    output = agreeing(batch_of(floats, coded(floats), range(64)), kind)
    found = Outcome.of(output)
    assert found.measures == {n: a for n, a in agreement(output).items() if n in LIMITS}
    assert (found.kind, found.samples, found.is_counted) == (kind, 64, True)
    assert found.severity is None
    assert found.median_db == output.samples.snr_db_at(0.5)
    pooled = 10 * np.log10(output.samples.signal.sum() / output.samples.noise.sum())
    assert found.snr_db == pytest.approx(pooled)


def test_where_the_kind_is_unknown_every_reading_is_held_and_none_is_counted() -> None:
    floats = values(64, 1, 10)
    output = agreeing(batch_of(floats, coded(floats), range(64)), "unknown")
    found = Outcome.of(output)
    assert found.readings.keys() == readings(output).keys()
    assert not found.is_counted
    assert math.isnan(found.room)


def test_of_class_numbers_no_ratio_is_told() -> None:
    floats = values(64, 1, 10)
    output = agreeing(batch_of(floats, coded(floats), range(64)), "classes")
    found = Outcome.of(output, has_signal=False)
    assert math.isnan(found.snr_db)
    assert math.isnan(found.median_db)
    assert found.is_fine


@pytest.mark.parametrize(
    ("outcome", "severity", "is_fine"),
    [
        (build_classes(64, 15.0), None, True),
        (build_classes(64, 9.0), None, False),  # half of the samples are noise
        (build_classes(59, 12.0), None, True),  # five of 64 may change by chance
        (build_classes(59, 11.9), Severity.WARNING, False),  # but not where all is noise
        (build_classes(55, 15.0), Severity.WARNING, False),
        (build_classes(40, 30.0), Severity.ERROR, False),
        (build_outcome(5.0, 12.0), None, True),
        (build_outcome(15.0, 9.0), Severity.WARNING, False),
    ],
)
def test_how_bad_it_is(outcome: Outcome, severity: Severity | None, is_fine: bool) -> None:
    assert (outcome.severity, outcome.is_fine) == (severity, is_fine)


@pytest.mark.parametrize(
    ("name", "value", "room"),
    [
        ("same_top1", 0.97, 0.02),
        ("same_top1", 0.9, -0.05),
        ("beyond_0.1", 0.2, 0.05),
        ("beyond_0.3", 0.3, -0.05),
        ("psnr_db", 30.0, -5.0),
    ],
)
def test_room_is_what_is_left_up_to_a_limit(name: str, value: float, room: float) -> None:
    assert LIMITS[name].room(value) == pytest.approx(room)


def test_marks_are_told_in_what_is_kept() -> None:
    assert LIMITS["same_top1"].marks == (0.85, 0.95)
    assert LIMITS["beyond_0.1"].marks == LIMITS["beyond_0.3"].marks == (0.75,)


def test_the_measure_with_least_room_decides() -> None:
    scores = {"still_fire": counted(60), "fired_rightly": counted(40), "same_decision": counted(9)}
    found = Outcome("scores", {"scores": scores}, 64, 20.0, 20.0, 20.0)
    assert found.deciding == "fired_rightly"  # how many decisions are the same has no limit
    assert found.room == pytest.approx(40 / 64 - 0.95)


def test_nothing_that_fires_is_no_decision() -> None:
    nothing = {"still_fire": Agreement(math.nan, math.nan, math.nan, 0)}
    found = Outcome("scores", {"scores": nothing}, 64, 20.0, 20.0, 20.0)
    assert not found.is_counted
    assert found.severity is None


def test_gains_are_told_where_most_is_lost() -> None:
    before = {"a": build_classes(60, 5.0), "b": build_classes(30, 20.0)}
    after = {"a": build_classes(64, 25.0), "b": build_classes(63, 21.0)}
    gain = gain_at_the_worst(before, after)
    assert gain is not None
    assert gain.measure == "share of samples whose class stays the same at b"
    assert (gain.before, gain.after) == (30 / 64, 63 / 64)


def test_a_gain_of_the_median_sample_is_named_where_all_together_lose() -> None:
    gain = gain_at_the_worst({"a": build_outcome(15.3, -1.9)}, {"a": build_outcome(7.1, 12.0)})
    assert gain is not None
    assert gain.measure == "SNR in dB of the median sample at a"
    assert (gain.before, gain.after) == (-1.9, 12.0)


def test_what_is_not_known_before_gains_nothing() -> None:
    assert gain_at_the_worst({}, {"a": build_outcome(7.1)}) is None
    assert change_in_words(build_outcome(math.inf), build_outcome(math.inf)) == (
        "SNR no noise before, no noise after"
    )
