"""A channel that takes the codes of those it is held against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.agreement import AgreementInspector
from inspectors.agreement.wide_channels import wide_channels
from tests.fixtures.builders import (
    build_context,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.house.evidence import loud, quiet
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.findings import Finding
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.channels import Extremes
from utils.measurements.output_kind import OutputKind

SAMPLES, CHANNELS = 200, 10
OUTPUT = "net/output_layer1"


def judged(
    reach: float, wrong: int, kind: OutputKind = "classes", scales: int = 1
) -> list[Finding]:
    """What is said of an output whose last channel reaches so low."""
    floats = values(SAMPLES, 1, CHANNELS)
    floats[..., -1] -= reach
    chip = floats.copy()
    chip[:wrong] = np.roll(chip[:wrong], 3, axis=2)
    output = agreeing(batch_of(floats, coded(chip), range(SAMPLES)), kind)
    measured = build_noise_measurements(build_noise({"conv1": 30.0, "output_layer1": 5.0}), SAMPLES)
    steps = np.linspace(1.0, 2.0, scales)[None]
    model = build_model(
        quantized={
            "output_layer1/layer_params/output_scales": steps,
            "output_layer1/layer_params/output_zero_points": np.full((1, scales), 250.0),
            "output_layer1/limvals_out": np.array([-500.0, 10.0]),
        }
    )
    found = AgreementMeasurements({OUTPUT: output})
    context = build_context(model, replace(measured, agreement=found))
    every = AgreementInspector().inspect(context)
    return [each for each in every if each.id == "channel-without-codes"]


@quiet("channel-without-codes")
@pytest.mark.parametrize(
    ("reach", "wrong", "kind", "scales"),
    [
        (0.0, 100, "classes", 1),  # as wide as the others
        (400.0, 0, "classes", 1),  # no decision is lost
        (400.0, 100, "embedding", 1),  # its channels are not held against each other
        (400.0, 100, "classes", CHANNELS),  # each channel has codes of its own
    ],
)
def test_quiet(reach: float, wrong: int, kind: OutputKind, scales: int) -> None:
    assert judged(reach, wrong, kind, scales) == []


@loud("channel-without-codes")
def test_loud() -> None:
    (found,) = judged(400.0, 100)
    assert found.severity.label == "error"
    assert found.evidence.startswith("channel 9 of net/output_layer1 from -40")
    assert found.measured["wide channels"] == 1
    assert found.measured["ratio"] > 8


def test_no_channels_are_wide_where_many_are() -> None:
    low = np.array([-400.0] * 3 + [-4.0] * 7)
    assert wide_channels(Extremes(low, low + 8)) is None
    some = np.array([-400.0] * 3 + [-4.0] * 27)
    found = wide_channels(Extremes(some, some + 8))
    assert found is not None
    assert found.channels == (0, 1, 2)
    assert found.others == (-4.0, 4.0)
    assert found.ratio == pytest.approx(404 / 8)


@pytest.mark.parametrize("channels", [1, 2])
def test_one_of_two_channels_is_not_held_against_others(channels: int) -> None:
    low = np.array([-400.0, -1.0])[:channels]
    assert wide_channels(Extremes(low, low + 1)) is None


def test_channels_that_are_all_0_but_one_share_nothing() -> None:
    assert wide_channels(Extremes(np.array([-9.0, 0, 0]), np.zeros(3))) is None
