from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import (
    build_layer_noise,
)
from tests.inspectors.noise.judged import (
    expected,
    inspect,
    only,
    the,
    two_outputs,
)
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import Exceeded, LayerNoise


@pytest.mark.parametrize(
    ("layers", "parts", "pointed_to"),
    [
        ({"conv3": 18.0}, {}, "noise-born-here"),
        ({"conv1": 34.0, "conv2": 28.0, "conv3": 22.5}, {}, ""),
        ({"conv3": 18.0}, {"sensitivity": {"conv1": 18.0, "conv2": 30.0}}, "noise-concentrated"),
        ({"conv3": 18.0}, {"sensitivity": {"conv1": 20.0, "conv2": 20.0}}, "noise-diffuse"),
        ({"conv3": build_layer_noise(18.0, bias_share=0.6)}, {}, "error-is-bias"),
        (
            {"conv3": build_layer_noise(18.0, saturated=Exceeded(20, 1_000, 9))},
            {"sensitivity": {"conv1": 18.0, "conv2": 30.0}},
            "accumulator-saturates",
        ),
    ],
)
@pytest.mark.parametrize("plan", [None, MixedPrecisionPlan(20.0, {}, {}, {})])
def test_a_low_output_points_to_the_cause_that_was_found_and_to_the_plan(
    layers: dict[str, float | LayerNoise],
    parts: dict[str, Any],
    pointed_to: str,
    plan: MixedPrecisionPlan | None,
) -> None:
    message = the(inspect(layers, plan=plan, **parts), "output-snr-low").message
    assert (f"look at {pointed_to} for the cause" in message) == bool(pointed_to)
    assert ("at mixed-precision-plan" in message) == (plan is not None)
    assert message.count("look at") == (1 if pointed_to or plan else 0)


def test_causes_on_another_branch_explain_nothing() -> None:
    model = two_outputs("sigmoid", "sigmoid")
    saturated = build_layer_noise(12.0, saturated=Exceeded(20, 1_000, 9))
    layers: dict[str, float | LayerNoise] = {
        "conv2": saturated,
        "conv3": 40.0,
        "output_layer1": 31.0,
        "output_layer2": 15.0,
    }
    found = inspect(layers, model=model)
    assert only(found, "accumulator-saturates") == expected("error", "conv2")
    assert "accumulator-saturates" not in the(found, "output-snr-low").message
