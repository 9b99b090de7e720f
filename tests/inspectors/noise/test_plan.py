from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from inspectors.noise.plan import plan_findings
from tests.fixtures.builders import build_context, build_layer, build_measurements, build_model
from tests.fixtures.outcomes import OUTPUT, build_plan, outcomes
from tests.inspectors.wording_rules import assert_well_worded
from utils.measurements.bias_trial import BiasTrial


@pytest.mark.parametrize(
    ("wide", "headline", "remedy", "cost"),
    [
        (
            {},
            "8-bit weights at one layer bring every output to 20 dB",
            "Give net/fc1 8-bit weights with these lines and quantize again.",
            "no layer then has 16 bit",
        ),
        (
            {"net/conv1": "a16_w16"},
            "8-bit weights at one layer and 16 bit at one layer bring every output to 20 dB",
            "Give net/fc1 8-bit weights and net/conv1 16 bit with these lines and quantize again.",
            "then have 16 bit",
        ),
    ],
)
def test_a_plan_says_which_layers_only_get_8_bit_weights(
    wide: Mapping[str, str], headline: str, remedy: str, cost: str
) -> None:
    modes = {**wide, "net/fc1": "a8_w8"}
    found_plan = build_plan(modes, eight_bit=("net/fc1",), is_asked=True)
    layers = [build_layer("conv1"), build_layer("fc1", type="dense", mode="a8_w4_a8")]
    model = build_model([build_layer("input_layer1"), *layers, build_layer("output_layer1")])
    (found,) = plan_findings(build_context(model), found_plan)
    assert (found.headline, found.remedy) == (headline, remedy)
    assert cost in found.evidence
    assert found.why.startswith("8-bit weights take twice the memory")
    assert ("frames per second" in found.why) == bool(wide)
    assert "quantization_param([net/fc1], precision_mode=a8_w8)" in found.commands


def test_a_target_that_was_reached_before_is_no_gain() -> None:
    found_plan = build_plan({"net/fc1": "a16_w16"}, before=outcomes({OUTPUT: 26.0}))
    model = build_model([build_layer("fc1", type="dense"), build_layer("output_layer1")])
    (found,) = plan_findings(build_context(model), found_plan)
    assert found.headline == "With 16 bit at one layer the outputs are less noisy"


def test_a_plan_against_4_bit_weights_switches_off_what_chose_them() -> None:
    found_plan = build_plan({"net/conv1": "a8_w8"}, eight_bit=("net/conv1",), is_asked=True)
    model = build_model(
        [build_layer("conv1", mode="a8_w4_a8"), build_layer("output_layer1")],
        script="model_optimization_config(compression_params, auto_4bit_weights_ratio=0.6)",
    )
    (found,) = plan_findings(build_context(model), found_plan)
    assert found.commands == (
        "quantization_param([net/conv1], precision_mode=a8_w8)",
        "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
    )


@pytest.mark.parametrize(
    ("share", "after_db", "is_proven"),
    [(0.87, 18.5, False), (0.87, 12.5, True), (0.3, 18.5, True)],
    ids=["biases gain", "biases gain nothing", "few layers"],
)
def test_16_bit_almost_everywhere_comes_behind_a_bias_that_costs_nothing(
    share: float, after_db: float, *, is_proven: bool
) -> None:
    found_plan = build_plan({"net/fc1": "a16_w16"}, mac_share=share)
    model = build_model([build_layer("fc1", type="dense"), build_layer("output_layer1")])
    trial = BiasTrial(8, 8, outcomes({OUTPUT: 12.5}), outcomes({OUTPUT: after_db}))
    measured = replace(build_measurements(64), plan=found_plan, bias_trial=trial)
    (found,) = plan_findings(build_context(model, measured), found_plan)
    assert found.recommendation is not None
    assert found.recommendation.proven is is_proven
    assert found.recommendation.default is is_proven
    assert ("bias correction is not enough" in found.remedy) is not is_proven
    assert_well_worded(found)
