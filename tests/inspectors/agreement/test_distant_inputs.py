"""Inputs whose values all lie far from 0, with what that costs, quiet first and loud after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from inspectors.agreement.distant_inputs import distant_input_findings
from inspectors.base_inspector import Context
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    chain,
    stored_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded

FELT = {"input_layer1": 6.0, "fc1": 6.0}  # dB at the output, each alone
PRESSURE = (98_000.0, 103_000.0)  # in Pa


def context_of(
    low: float,
    high: float,
    alone: Mapping[str, Any] | None = None,
    *,
    highest: int = 255,
    script: str | None = None,
) -> Context:
    """A dense layer behind an input that was calibrated on values from `low` to `high`."""
    layers = chain(
        build_layer("input_layer1", shape=(1, 64, 1)),
        build_layer("fc1", "dense", shape=(1, 1, 4)),
        build_layer("output_layer1", shape=(1, 1, 4)),
    )
    ends = min(low, 0.0), max(high, 0.0)
    quantized = {
        "input_layer1/layer_params/output_scales": np.array([(ends[1] - ends[0]) / highest]),
        "input_layer1/limvals_out": np.array(ends),
    }
    seen = build_statistics([low], [high], (low + high) / 2, high**2, channels=1)
    optimized = stored_statistics("input_layer1/stats/output_0", seen)
    model = build_model(layers, quantized=quantized, optimized=optimized, script=script)
    if alone is None:
        return build_context(model)
    noise = build_noise({"fc1": 6.0}, sensitivity=alone)
    return build_context(model, build_noise_measurements(noise))


@quiet("channel-without-codes")
@pytest.mark.parametrize(
    "context",
    [
        context_of(0.0, 255.0, FELT),
        context_of(10.0, 245.0, FELT),
        context_of(-2_500.0, 2_500.0, FELT),
        context_of(*PRESSURE, FELT | {"input_layer1": 20.0}),
        context_of(*PRESSURE, FELT | {"fc1": 1.0}),
        context_of(*PRESSURE),
        context_of(*PRESSURE, FELT, highest=65_535),
        context_of(70_000.0, 103_000.0, FELT),
        context_of(102_800.0, 103_000.0, FELT),
    ],
    ids=[
        "pixels",
        "from 10 on",
        "both signs",
        "clean enough",
        "another layer is to blame",
        "not measured",
        "16 bit",
        "enough codes",
        "told as without codes",
    ],
)
def test_quiet_where_values_are_told_apart(context: Context) -> None:
    assert list(distant_input_findings(context)) == []


@loud("channel-without-codes")
@pytest.mark.parametrize("sign", [1, -1])
def test_values_far_from_0_share_few_codes(sign: int) -> None:
    low, high = sorted(sign * value for value in PRESSURE)
    (found,) = distant_input_findings(context_of(low, high, FELT))
    assert found.id == "channel-without-codes"
    assert found.severity.label == "warning"
    assert found.layers == ("net/input_layer1",)
    assert "which is 12 codes of 255, as its range begins at 0" in found.evidence
    assert "net/output_layer1 has an SNR of 6.0 dB, 50% of its noise" in found.evidence
    assert found.remedy.startswith("Subtract about ")
    assert_well_worded(found)


@loud("channel-without-codes")
def test_a_normalization_on_the_chip_comes_too_late() -> None:
    script = "normalization1 = normalization([101000.0], [600.0])\n"
    (found,) = distant_input_findings(context_of(*PRESSURE, FELT, script=script))
    assert found.remedy == (
        "Normalize these values on the host, delete line 1 of the model script, and quantize again "
        "on what that gives."
    )
    assert_well_worded(found)
