"""Channels that are constant on the chip: scores of rare classes, and channels without codes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.agreement import AgreementInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import STEP, ZERO, agreeing, batch_of, coded, values
from utils.findings import Finding, Severity
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.output_kind import OutputKind

SAMPLES, CHANNELS, SILENT = 200, 8, 3
OUTPUT = "net/output_layer1"
FAR, NEAR = -40 * STEP, -6 * STEP  # below the threshold of 0


def said(mean: float, kind: OutputKind, activation: str = "sigmoid") -> Finding:
    """What is said of an output with a channel that hardly varies, and not at all on the chip."""
    floats = values(SAMPLES, 1, CHANNELS)
    floats[..., 0] = 5 + 0.1 * floats[..., 0]  # it always comes first, as no class does
    floats[..., SILENT] = mean + 0.01 * STEP * floats[..., SILENT]
    output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)), kind)
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", shape=(1, 1, CHANNELS), activation=activation),
        build_layer("output_layer1", shape=(1, 1, CHANNELS)),
    ]
    model = build_model(
        layers,
        quantized={
            "output_layer1/layer_params/output_scales": np.array([[STEP]]),
            "output_layer1/layer_params/output_zero_points": np.array([[float(ZERO)]]),
            "output_layer1/limvals_out": np.array([-ZERO * STEP, (255 - ZERO) * STEP]),
        },
    )
    measured = build_noise_measurements(
        build_noise({"conv1": 30.0, "output_layer1": 30.0}), SAMPLES
    )
    found = AgreementMeasurements({OUTPUT: output})
    every = AgreementInspector().inspect(build_context(model, replace(measured, agreement=found)))
    (finding,) = (each for each in every if each.id == "channel-without-codes")
    assert_well_worded(finding)
    return finding


@quiet("channel-without-codes")
def test_scores_of_a_class_that_never_comes_are_no_loss() -> None:
    found = said(FAR, "scores")
    assert found.severity is Severity.INFO
    assert found.asks_for_nothing
    assert "far below the threshold" in found.why


@quiet("channel-without-codes")
def test_a_sigmoid_makes_scores_where_nobody_knows_the_kind() -> None:
    found = said(FAR, "unknown")
    assert found.severity is Severity.INFO
    assert "--output-kind" in found.remedy


@loud("channel-without-codes")
@pytest.mark.parametrize(
    ("mean", "kind", "activation", "expected"),
    [
        (NEAR, "scores", "sigmoid", Severity.ERROR),  # a few codes wider, and it would fire
        (-FAR, "scores", "sigmoid", Severity.ERROR),  # it fires in every sample
        (NEAR, "unknown", "sigmoid", Severity.WARNING),
        (FAR, "unknown", "linear", Severity.WARNING),  # numbers may well be negative
        (FAR, "regression", "sigmoid", Severity.ERROR),  # and count one by one
    ],
)
def test_other_channels_that_are_constant_lack_codes(
    mean: float, kind: OutputKind, activation: str, expected: Severity
) -> None:
    assert said(mean, kind, activation).severity is expected
