from __future__ import annotations

import pytest

from tests.fixtures.builders import (
    build_layer_noise,
    build_model,
)
from tests.fixtures.outcomes import build_plan
from tests.inspectors.noise.judged import (
    expected,
    inspect,
    network,
    only,
    the,
    two_outputs,
)
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import Exceeded, LayerNoise

LOW = "output-snr-low"
TRAINING = "Quantize again at optimization level 2, which finetunes the network."
CALIBRATION = "Calibrate again on samples that reach as far as these."
SATURATED = build_layer_noise(18.0, saturated=Exceeded(20, 1_000, 9))
PROVEN = build_plan({"net/conv2": "a16_w16", "net/conv1": "a8_w8_a16"})
MISSED = MixedPrecisionPlan(20.0, {}, {}, {}, obstacle="its range ends at -132")


@pytest.mark.parametrize(
    ("layers", "plan", "remedy"),
    [
        ({"conv3": 18.0}, None, TRAINING),
        ({"conv3": 18.0}, MISSED, TRAINING),
        ({"conv3": 18.0}, PROVEN, "Give net/conv1 and net/conv2 16 bit and quantize again."),
        ({"conv1": 34.0, "conv2": 28.0, "conv3": 22.5}, None, ""),
        ({"conv3": build_layer_noise(18.0, bias_share=0.6)}, None, "Enable bias_correction"),
        ({"conv3": build_layer_noise(18.0, bias_share=0.6)}, PROVEN, "Give net/conv1"),
        ({"conv3": SATURATED}, None, CALIBRATION),
        ({"conv3": SATURATED}, MISSED, CALIBRATION),
    ],
)
def test_the_remedy_is_a_proven_plan_else_that_of_the_cause_else_training(
    layers: dict[str, float | LayerNoise], plan: MixedPrecisionPlan | None, remedy: str
) -> None:
    found = the(inspect(layers, plan=plan, sensitivity={"conv1": 18.0, "conv2": 30.0}), LOW)
    assert found.remedy.startswith(remedy)
    assert bool(found.remedy) == bool(remedy)


@pytest.mark.parametrize(("level", "longer"), [(0, False), (1, False), (2, True), (4, True)])
def test_what_was_finetuned_has_to_be_finetuned_longer(level: int, longer: bool) -> None:
    flavor = {"optimization_level": level, "compression_level": 0}
    found = the(inspect({"conv3": 18.0}, model=build_model(network(), mo_flavor=flavor)), LOW)
    assert ("longer" in found.remedy) == longer
    assert (found.remedy == TRAINING) == (not longer)


def test_an_output_that_reaches_the_usual_target_may_ask_for_more() -> None:
    model = build_model(network(activation="tanh"))
    found = the(inspect({"conv3": 27.0}, model=model), LOW)
    assert "--target-snr" in found.remedy
    assert "--target-snr" not in the(inspect({"conv3": 17.0}, model=model), LOW).remedy


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
    assert the(found, LOW).remedy == TRAINING
