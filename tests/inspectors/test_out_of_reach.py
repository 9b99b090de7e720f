"""Ranges of which the data use a few codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inspectors.clipping_inspector import ClippingInspector
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import (
    build_context,
    build_histogram,
    build_layer,
    build_measurements,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.noise import Sensitivity, decibels
from utils.measurements.output_kind import OutputKind


def measured(high: float, data: tuple[float, float], low: float = 0.0) -> LayerMeasurement:
    """A layer that was calibrated from `low` to `high`, and what the data reach."""
    histogram = build_histogram([1_000] * 100, low, high)
    return LayerMeasurement(build_statistics(*data), histogram=histogram)


def network(**params: Any) -> list[Layer]:
    return [
        build_layer("input_layer1"),
        build_layer("conv1", **params),
        build_layer("conv2", activation="linear"),
        build_layer("output_layer1"),
    ]


def out_of_reach(
    name: str, layer: LayerMeasurement, samples: int = 64, script: str = "", **params: Any
) -> list[Finding]:
    model = build_model(network(**params), script=script)
    return told(model, build_measurements(samples=samples, **{name: layer}))


def told(model: Model, measurements: Measurements) -> list[Finding]:
    every = ClippingInspector().inspect(build_context(model, measurements))
    return [f for f in every if f.id == "range-out-of-reach"]


@quiet("range-out-of-reach")
@loud("range-out-of-reach")
@pytest.mark.parametrize(
    ("low", "high", "data", "is_told"),
    [
        (0.0, 60.0, (0.0, 60.0), False),
        (0.0, 60.0, (0.0, 3.6), False),  # 16.3 of 256 codes
        (0.0, 60.0, (0.0, 3.4), True),
        (0.0, 60.0, (0.9, 3.4), True),  # 0 is always a code
        (-30.0, 30.0, (-1.7, 1.7), True),
        (-30.0, 30.0, (-3.0, 1.7), False),
        (0.0, 60.0, (0.0, 0.0), False),  # nothing is seen of what never varies
        (0.0, 60.0, (0.0, float("nan")), False),
    ],
)
@pytest.mark.parametrize("name", ["conv1", "conv2"])
def test_a_range_of_which_the_data_use_a_few_codes(
    name: str, low: float, high: float, data: tuple[float, float], is_told: bool
) -> None:
    found = out_of_reach(name, measured(high, data, low))
    assert [(f.severity.label, f.layers) for f in found] == [
        ("warning", (f"net/{name}",))
    ] * is_told
    for f in found:
        assert "of 256 codes" in f.evidence
        assert f.command.startswith("hailo optimize")
        assert f.removes_cause
        assert_well_worded(f)


@quiet("range-out-of-reach")
def test_what_something_else_explains_is_not_called_out_of_reach() -> None:
    far = measured(60.0, (0.0, 1.0))
    line = "quantization_param(conv2, force_range_out=[0, 60])"
    assert out_of_reach("conv2", far, samples=8)
    assert not out_of_reach("conv2", far, samples=7)
    assert not out_of_reach("conv2", far, script=line)
    assert out_of_reach("conv2", far, script=line.replace("conv2", "conv1"))
    assert not out_of_reach("conv1", far, activation="sigmoid")


@loud("range-out-of-reach")
@pytest.mark.parametrize(("share", "severity"), [(0.5, "warning"), (1e-6, "info")])
def test_a_layer_that_makes_next_to_nothing_of_the_noise_asks_for_nothing(
    share: float, severity: str
) -> None:
    ratios = {
        f"net/{name}": {"net/output_layer1": 30.0 + decibels(1.0, part)}
        for name, part in (("conv1", share), ("conv2", 1.0 - share))
    }
    noise = replace(build_noise({}), sensitivity=Sensitivity(16, output_snr_db=ratios))
    far = build_noise_measurements(noise, conv1=measured(60.0, (0.0, 1.0)))
    (finding,) = told(build_model(network()), far)
    assert finding.severity.label == severity
    assert [bool(finding.command), finding.removes_cause] == [severity == "warning"] * 2
    assert_well_worded(finding)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("classes", "It costs the outputs nothing that matters."),
        ("unknown", "How much it costs depends on what the outputs stand for."),
    ],
)
def test_nobody_is_told_that_nothing_is_lost_where_nobody_knows(kind: OutputKind, why: str) -> None:
    known = build_measurements(samples=64, conv1=measured(60.0, (0.0, 1.0)))
    (finding,) = told(build_model(network()), replace(known, agreement=agreed(0, kind).agreement))
    assert (finding.severity.label, finding.why) == ("info", why)
    assert finding.asks_for_nothing
