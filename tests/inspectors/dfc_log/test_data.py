from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import (
    build_layer,
    build_measurements,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    stored_statistics,
)
from tests.fixtures.calibration_sets import samples
from tests.fixtures.log_texts import NORMALIZED_TWICE, NOT_NORMALIZED, run, snr
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary
from utils.har.model import Model

STORED = stored_statistics("input_layer1/stats/output_0", build_statistics())


@quiet("dfc-not-normalized")
@pytest.mark.parametrize(
    "line", [NORMALIZED_TWICE.format(0.0, 1.0), NOT_NORMALIZED.format(0.0, 255.0)]
)
def test_what_stored_statistics_tell_is_left_to_their_inspector(line: str) -> None:
    assert findings(run(line), model=build_model(optimized=STORED)) == []
    assert findings(run(line)) != []


@loud("dfc-not-normalized")
@pytest.mark.parametrize(
    ("line", "severity"),
    [
        (NOT_NORMALIZED.format(0.0, 1.0), "info"),
        (NOT_NORMALIZED.format(-1.0, 1.0), "info"),
        (NOT_NORMALIZED.format(-100.0, 255.0), "info"),
        (NOT_NORMALIZED.format(0.0, 31.9), "info"),
        (NOT_NORMALIZED.format(0.0, 32.0), "warning"),
        (NOT_NORMALIZED.format(0.0, 255.0), "warning"),
        (NOT_NORMALIZED.format(0.0, 256.0), "info"),
        (NOT_NORMALIZED.partition(",")[0], "info"),
        (NORMALIZED_TWICE.format(0.0, 1.0), "error"),
        (NORMALIZED_TWICE.format(0.0, 1.05), "error"),
        (NORMALIZED_TWICE.format(0.0, 1.06), "warning"),
        (NORMALIZED_TWICE.format(-0.02, 200.0), "error"),
        (NORMALIZED_TWICE.format(0.0, 200.0), "warning"),
        (NORMALIZED_TWICE.partition(", but")[0], "warning"),
        (NORMALIZED_TWICE.format("nan", "nan"), "warning"),
    ],
)
def test_complaints_about_the_range_of_the_data(line: str, severity: str) -> None:
    (found,) = findings(run(line))
    assert summary([found]) == [("dfc-not-normalized", severity, ())]
    assert "calibration set" in found.quotation
    assert bool(found.remedy) is (severity != "info")


def test_the_range_of_the_data_is_the_evidence() -> None:
    (twice,) = findings(run(NORMALIZED_TWICE.format(0.0, 1.0)))
    assert twice.evidence == "values from 0 to 1"
    assert "normalized before" in twice.headline
    (unclear,) = findings(run(NORMALIZED_TWICE.format("nan", "nan")))
    assert unclear.evidence == ""
    assert unclear.remedy == "Check that the calibration set holds raw pixels from 0 to 255."


def test_a_range_that_costs_no_accuracy_is_told_beside_statistics() -> None:
    found = findings(run(NOT_NORMALIZED.format(0.0, 1.0)), model=build_model(optimized=STORED))
    assert summary(found) == [("dfc-not-normalized", "info", ())]
    assert found[0].measured == {"low": 0, "high": 1}


def ending_in(type: str = "conv", **params: Any) -> Model:
    layers = [build_layer("input_layer1"), build_layer("last1", type, **params)]
    return build_model([*layers, build_layer("output_layer1")])


@quiet("dfc-output-snr")
@pytest.mark.parametrize(
    ("decibels", "model"),
    [
        (25.0, ending_in()),
        (44.04, ending_in()),
        ("inf", ending_in()),
        ("nan", ending_in()),
        (30.0, ending_in(activation="tanh")),
        (3.0, ending_in("argmax")),
    ],
)
def test_a_good_output_is_no_finding(decibels: object, model: Model) -> None:
    assert findings(run(snr(decibels)), model=model) == []


@loud("dfc-output-snr")
@pytest.mark.parametrize(
    ("decibels", "model", "severity"),
    [
        (24.9, ending_in(), "info"),
        (20.0, ending_in(), "info"),
        (19.9, ending_in(), "warning"),
        (10.0, ending_in(), "warning"),
        (9.179, ending_in(), "error"),
        (0.0004649, ending_in(), "error"),
        ("-inf", ending_in(), "error"),
        (29.9, ending_in(activation="tanh"), "warning"),
        (9.0, ending_in(activation="sigmoid"), "warning"),
    ],
)
def test_noisy_outputs(decibels: object, model: Model, severity: str) -> None:
    (found,) = findings(run(snr(decibels)), model=model)
    assert summary([found]) == [("dfc-output-snr", severity, ("net/output_layer1",))]


def test_outputs_are_gathered_by_severity_with_the_worst_first() -> None:
    lines = (snr(15.0), snr(11.86, "net/output_layer2"), snr(5.0, "net/output_layer3"))
    found = findings(run(*lines))
    assert [(f.severity.label, list(f.measured.values())) for f in found] == [
        ("error", [5.0]),
        ("warning", [11.86, 15.0]),
    ]
    assert str(found[1].location) == "client.log:3:9"


@quiet("dfc-output-snr")
def test_what_was_measured_is_left_to_the_inspector_of_noise() -> None:
    noise = build_noise({"output_layer1": 12.0})
    assert findings(run(snr(12.0)), measurements=build_noise_measurements(noise)) == []
    assert findings(run(snr(12.0)), measurements=build_measurements()) != []


def test_with_data_the_analysis_of_the_compiler_is_left() -> None:
    (without,) = findings(run(snr(12.0)))
    assert ("-d" in without.remedy, without.command) == (True, "")
    (with_data,) = findings(run(snr(12.0)), calibration=samples(64))
    assert "-d" not in with_data.remedy
    assert with_data.command.startswith("hailo analyze-noise ")
