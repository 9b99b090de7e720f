"""Inputs of which a few channels reach far, with what that costs, quiet first and loud after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.agreement.noisy_inputs import noisy_input_findings
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
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded

INPUT, OUTPUT = "net/input_layer1", "net/output_layer1"
FELT = {"input_layer1": 6.0, "fc1": 6.0}  # dB at the output, each alone
FAR, ALIKE = (360.0, *[6.0] * 23), (6.0,) * 24


def context_of(
    spans: Sequence[float] = FAR,
    alone: Mapping[str, Any] | None = None,
    steps: Sequence[float] | None = None,
) -> Context:
    """A dense layer behind an input whose channels span so much in calibration."""
    half = np.array(spans, np.float64) / 2
    shape = (1, 1, half.size)
    layers = chain(
        build_layer("input_layer1", shape=shape),
        build_layer("fc1", "dense", shape=(1, 1, 4)),
        build_layer("output_layer1", shape=(1, 1, 4)),
    )
    quantized = {
        "input_layer1/layer_params/output_scales": np.array(steps or [2 * half.max() / 255]),
        "input_layer1/limvals_out": np.array([-half.max(), half.max()]),
    }
    seen = build_statistics(list(-half), list(half), 0.0, 1.0, channels=half.size)
    optimized = stored_statistics("input_layer1/stats/output_0", seen)
    model = build_model(layers, quantized=quantized, optimized=optimized)
    if alone is None:
        return build_context(model)
    noise = build_noise({"fc1": 6.0}, sensitivity=alone)
    return build_context(model, build_noise_measurements(noise))


@quiet("channel-without-codes")
@pytest.mark.parametrize(
    "context",
    [
        context_of(ALIKE, FELT),
        context_of((255, 200, 90), FELT),
        context_of((255, 255, 255, 0), FELT),
        context_of(FAR, FELT | {"input_layer1": 20.0}),
        context_of(FAR, FELT | {"fc1": 1.0}),
        context_of(FAR),
        context_of(FAR, {"fc1": 6.0}),
        context_of(FAR, FELT, steps=[span / 255 for span in FAR]),
        context_of((90.0, *[6.0] * 23), FELT),
        context_of((*[360.0] * 13, *[6.0] * 11), FELT),
        context_of((360.0, *[0.5] * 23), FELT),
        context_of([0.0] * 3, FELT, steps=[1.0]),
    ],
    ids=[
        "alike",
        "image",
        "one is constant",
        "clean enough",
        "another layer is to blame",
        "not measured",
        "not felt",
        "own scales",
        "not far",
        "most reach far",
        "told as without codes",
        "all are constant",
    ],
)
def test_quiet_where_the_scales_of_the_features_cost_nothing(context: Context) -> None:
    assert list(noisy_input_findings(context)) == []


@loud("channel-without-codes")
@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (FAR, "channel 0 of 24 channels of net/input_layer1 spans 255 codes, half of the channels"),
        ((6.0, 100.0, 6.0, 6.0), "channel 1 of 4 channels"),
        ((*[6.0] * 20, 300.0, 360.0), "channels 20 and 21 of 22 channels"),
    ],
)
def test_channels_that_take_the_codes_of_the_others(spans: Sequence[float], said: str) -> None:
    (found,) = noisy_input_findings(context_of(spans, FELT))
    assert (found.id, found.severity.label, found.layers) == (
        "channel-without-codes",
        "warning",
        (INPUT,),
    )
    assert found.evidence.startswith(said)
    assert f"{OUTPUT} has an SNR of 6.0 dB, 50% of its noise" in found.evidence
    assert "Divide every feature by its standard deviation on the host" in found.remedy
    assert_well_worded(found)


@pytest.mark.parametrize("is_planned", [False, True])
def test_other_features_come_before_16_bit_unless_a_plan_mends_the_outputs(
    *, is_planned: bool
) -> None:
    context = context_of(FAR, FELT)
    assert context.measurements is not None
    plan = build_plan({"net/fc1": "a16_w16"}) if is_planned else None
    planned = replace(context, measurements=replace(context.measurements, plan=plan))
    (found,) = noisy_input_findings(planned)
    assert found.removes_cause is not is_planned
