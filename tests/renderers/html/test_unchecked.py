from __future__ import annotations

from dataclasses import replace

from tests.fixtures.builders import (
    build_measurements,
    build_model,
    build_noise,
    build_noise_measurements,
)
from utils.findings import InspectorResult, NotChecked
from utils.renderers.html.unchecked import MAX_REASON, MAX_REASONS, unchecked
from utils.report import Report

EMPTY = Report(build_model(), "embedded", None, None, ())


def test_a_whole_run_leaves_nothing_unchecked() -> None:
    found = unchecked(replace(EMPTY, results=(InspectorResult("A"),)))
    assert (found.count, found.not_applicable, found.assumptions) == (0, (), ())


def test_inspectors_that_lack_the_same_are_named_together() -> None:
    results = (
        InspectorResult("A", skipped=NotChecked("it takes data", "pass -d")),
        InspectorResult("B", skipped=NotChecked("no conv in the network")),
        InspectorResult("C", skipped=NotChecked("there is nothing to draw", "pass -d")),
        InspectorResult("D", not_checked=(NotChecked("one layer is unclear"),)),
        InspectorResult("E", crashed="KeyError: 'x'"),
    )
    found = unchecked(replace(EMPTY, results=results))
    assert found.remediable == (
        ("A and C", "pass -d"),
        ("D", "one layer is unclear"),
        ("E", "it crashed (KeyError: 'x')"),
    )
    assert found.not_applicable == (("B", "no conv in the network"),)


def test_layers_with_one_reason_are_named_together_and_counted() -> None:
    reasons = {f"net/x{i}": "it stops" for i in range(20)}
    report = replace(EMPTY, measurements=replace(build_measurements(), not_measured=reasons))
    ((names, reason),) = unchecked(report).layers
    assert names.endswith("net/x7 and 12 more")
    assert reason == "not measured: it stops"


def test_layers_without_noise_are_not_named_twice() -> None:
    noise = build_noise({}, not_measured={"a": "no codes", "b": "no codes"})
    measurements = replace(build_noise_measurements(noise), not_measured={"net/a": "it stops"})
    layers = unchecked(replace(EMPTY, measurements=measurements)).layers
    assert layers == (
        ("net/a", "not measured: it stops"),
        ("net/b", "noise not measured: no codes"),
    )


def test_layers_that_were_not_measured_before_their_activation_are_named() -> None:
    measurements = replace(
        build_measurements(),
        not_measured={"net/a": "it stops"},
        preactivation_not_measured={"net/a": "no sums", "net/b": "no sums"},
    )
    assert unchecked(replace(EMPTY, measurements=measurements)).layers == (
        ("net/a", "not measured: it stops"),
        ("net/b", "not measured before the activation: no sums"),
    )


def test_many_and_long_reasons_are_bounded() -> None:
    results = tuple(
        InspectorResult(f"A{i}", skipped=NotChecked(f"no {i} {'x' * 900}")) for i in range(250)
    )
    found = unchecked(replace(EMPTY, results=results)).not_applicable
    assert len(found) == MAX_REASONS + 1
    assert len(found[0][1]) == MAX_REASON
    assert found[-1] == ("And more", "190 reasons not shown")
