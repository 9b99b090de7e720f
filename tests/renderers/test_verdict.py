from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.renderers.hostile import NAMES
from utils.findings import Finding, InspectorResult, Severity
from utils.renderers.verdict import first_finding, verdict, worst_output
from utils.report import Report

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


def found(severity: Severity, id: str = "low-snr", *layers: str) -> Finding:
    return Finding(id, severity, "It is 3 dB", tuple(f"net/{name}" for name in layers))


def report(*findings: Finding, **changes: Any) -> Report:
    result = InspectorResult("AnInspector", findings)
    return replace(Report(build_model(), "embedded", None, None, (result,)), **changes)


def measured(outputs: Mapping[str, float]) -> dict[str, Any]:
    """Model and measurements with these outputs, by name and SNR."""
    layers = [build_layer("input_layer1"), build_layer("conv1")]
    layers += [build_layer(name, "output_layer", ["conv1"]) for name in outputs]
    return {
        "model": build_model(layers),
        "measurements": build_noise_measurements(build_noise(dict(outputs))),
    }


QUIET = "No errors and no warnings; without data the noise was not measured."


@pytest.mark.parametrize(
    ("findings", "opening"),
    [
        ((), "No errors and no warnings; "),
        ((found(INFO),), "No errors and no warnings; "),
        ((found(WARNING),), "No errors, but 1 warning: low-snr; "),
        ((found(ERROR, "b", "conv1"),), "1 error: b at conv1; "),
        (
            (found(WARNING, "a"), found(ERROR, "b", "conv1"), found(ERROR, "c")),
            "2 errors and 1 warning; begin with b at conv1; ",
        ),
        (
            (found(WARNING, "a", "x", "y", "z", "w"), found(WARNING, "b")),
            "No errors, but 2 warnings; begin with a at x, y and 2 more; ",
        ),
    ],
)
def test_it_counts_and_names_the_first_of_the_worst(
    findings: tuple[Finding, ...], opening: str
) -> None:
    assert verdict(report(*findings)) == f"{opening}without data the noise was not measured."


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"out1": 26.04}, "the output, out1, has an SNR of 26.0 dB"),
        (
            {"out1": 26.0, "out2": -1.25, "out3": 40.0},
            "the worst of 3 outputs, out2, has an SNR of -1.2 dB",
        ),
        ({"out1": math.inf}, "the output, out1, has no noise at all"),
        (
            {"out1": 3.0, "out2": -math.inf},
            "the worst of 2 outputs, out2, holds noise, but no signal",
        ),
    ],
)
def test_it_tells_the_worst_output(outputs: Mapping[str, float], said: str) -> None:
    assert verdict(report(**measured(outputs))) == f"No errors and no warnings; {said}."


def test_a_ratio_that_is_no_number_is_the_worst() -> None:
    whole = report(**measured({"out1": -math.inf, "out2": math.nan}))
    name, snr = worst_output(whole) or ("", 0.0)
    assert (name, math.isnan(snr)) == ("net/out2", True)
    assert "out2, has an SNR that is no number" in verdict(whole)


def test_a_run_that_was_not_whole_says_so_first() -> None:
    opening = "The run was not whole, so more may be wrong; no errors and no warnings; "
    failed = report(failures=("x.npy: no such file",))
    assert verdict(failed) == f"{opening}the noise was not measured."
    crashed = replace(report(), results=(InspectorResult("A", crashed="KeyError: 'a'"),))
    assert verdict(crashed).startswith(opening)
    assert verdict(report()) == QUIET


def test_the_first_finding_is_the_earliest_of_the_worst() -> None:
    assert first_finding(report(found(INFO))) is None
    first = first_finding(report(found(WARNING, "a"), found(ERROR, "b"), found(ERROR, "c")))
    assert first is not None
    assert first.id == "b"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_on_one_short_line(name: str) -> None:
    said = verdict(report(found(ERROR, "low-snr", name)))
    assert said.isprintable()
    assert len(said) < 180
