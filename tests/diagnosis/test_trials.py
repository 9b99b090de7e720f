"""What becomes of recommended ranges that are not tried."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

import pytest

from diagnosis.trials import Tried, interrupted_trials, tried
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.jobs.range_trial import RangeRequest, RangeTrials
from utils.measurements.left_out import INTERRUPTED, QUICK
from utils.terminal.interruptions import LateInterruption, first_interruption_held_back

LAYER = "net/conv1"
RESULT = InspectorResult(
    "ClippingInspector",
    (
        Finding(
            id="unused-range",
            severity=Severity.WARNING,
            headline="much of the range is unused",
            layers=(LAYER,),
            recommendation=Recommendation(("clip",), ranges={LAYER: (0.0, 1.0)}),
        ),
    ),
)


class Bench:
    """Tries nothing, and says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.asked: list[RangeRequest] = []

    def try_ranges(self, request: RangeRequest) -> RangeTrials:
        self.asked.append(request)
        return RangeTrials(left_out=self.reason)


@pytest.mark.parametrize(("reason", "is_interrupted"), [(QUICK, False), (INTERRUPTED, True)])
def test_what_was_not_tried_stays_unproven_and_is_said(
    reason: str, is_interrupted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    bench: Any = Bench(reason)
    with caplog.at_level("INFO", "diagnostic_tool"):
        found = tried(RESULT, bench)
    assert found.result == RESULT
    assert found.is_interrupted is is_interrupted
    (said,) = caplog.messages
    assert said == f"Recommended ranges that were not tried: {LAYER}: {reason}"


def test_ranges_of_one_finding_are_tried_at_once() -> None:
    ranges = {"net/conv2": (0.0, 2.0), "net/conv3": (0.0, 3.0)}
    several = Recommendation(("clip", "clip"), ranges=ranges)
    findings = (RESULT.findings[0], replace(RESULT.findings[0], recommendation=several))
    bench: Any = Bench(QUICK)
    tried(replace(RESULT, findings=findings), bench)
    (request,) = bench.asked
    assert request == RangeRequest({LAYER: (0.0, 1.0), **ranges}, (tuple(ranges),))


def test_an_interruption_is_said_once_for_all() -> None:
    one, other = Tried(RESULT), Tried(RESULT, is_interrupted=True)
    assert interrupted_trials([one]) == ""
    assert "interrupted by Ctrl-C" in interrupted_trials([one, other, other])


def test_trials_are_not_begun_behind_an_interruption() -> None:
    bench: Any = Bench(QUICK)
    with pytest.raises(LateInterruption), first_interruption_held_back():
        signal.raise_signal(signal.SIGINT)
        found = tried(RESULT, bench)
    assert (found.is_interrupted, bench.asked) == (True, [])
