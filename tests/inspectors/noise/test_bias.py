from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_layer_noise,
    build_model,
)
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    OUTPUT,
    expected,
    inspect,
    limited,
    network,
    only,
    the,
)
from utils.measurements.noise import LayerNoise


@quiet("error-is-bias")
@loud("error-is-bias")
@pytest.mark.parametrize(
    ("snr", "share", "samples", "names"),
    [
        (12.5, 0.5, 64, []),
        (12.5, 0.51, 64, [OUTPUT]),
        (12.5, 0.51, 15, []),
        (12.5, 0.51, 16, [OUTPUT]),
        (29.9, 0.9, 64, [OUTPUT]),
        (30.0, 0.9, 64, []),
        (45.0, 1.0, 64, []),
        (-math.inf, 1.0, 64, []),
    ],
)
def test_error_is_bias_at_an_output(
    snr: float, share: float, samples: int, names: list[str]
) -> None:
    layer = build_layer_noise(snr, bias_share=share)
    # A slow fall, so that no layer in front of the output is named by noise-born-here.
    layers: dict[str, float | LayerNoise] = {
        "input_layer1": snr + 5,
        "conv1": snr + 4,
        "conv2": snr + 3,
        "conv3": layer,
    }
    found = inspect(layers, samples=samples)
    assert only(found, "error-is-bias") == expected("warning" if names else "", *names)


@quiet("error-is-bias")
@loud("error-is-bias")
@pytest.mark.parametrize(
    ("layers", "names"),
    [
        (
            {"conv1": build_layer_noise(20.0, bias_share=0.8), "conv2": 20.0, "conv3": 29.9},
            ["conv1"],
        ),
        # No output shows it.
        ({"conv1": build_layer_noise(20.0, bias_share=0.8), "conv2": 20.0, "conv3": 30.0}, []),
        # Inherited: the fall is at conv1.
        ({"conv1": 20.0, "conv2": build_layer_noise(20.0, bias_share=0.8), "conv3": 29.9}, []),
        # Born at conv3, which the output shows already.
        ({"conv3": build_layer_noise(20.0, bias_share=0.8)}, [OUTPUT]),
        (
            {
                "conv1": build_layer_noise(22.0, bias_share=0.76),
                "conv2": build_layer_noise(23.0, bias_share=0.46),
                "conv3": build_layer_noise(12.5, bias_share=0.69),
            },
            ["conv1", OUTPUT],
        ),
    ],
)
def test_error_is_bias_where_noise_is_born(
    layers: dict[str, float | LayerNoise], names: list[str]
) -> None:
    assert only(inspect(layers), "error-is-bias") == expected("warning" if names else "", *names)


@pytest.mark.parametrize(
    ("beyond", "explained"), [(50_001, True), (50_000, False)], ids=["error", "warning"]
)
def test_what_is_cut_off_explains_the_bias_behind_it(beyond: int, explained: bool) -> None:
    cut = limited("clipped", beyond, 1_000_000, 64)
    layers = {"conv2": cut, "conv3": build_layer_noise(12.0, bias_share=0.9)}
    assert bool(only(inspect(layers), "error-is-bias")) != explained


def test_pure_noise_over_few_samples_can_look_like_bias() -> None:
    random = np.random.default_rng(2)
    rates = {}
    for samples in (4, NoiseInspector.BIAS_MINIMUM):
        error = random.standard_normal((50_000, samples))
        share = samples * error.mean(axis=1) ** 2 / (error**2).sum(axis=1)
        rates[samples] = (share > NoiseInspector.BIAS_SHARE).mean()
    assert rates[4] > 0.1
    assert rates[NoiseInspector.BIAS_MINIMUM] < 2e-3


BIASED: dict[str, float | LayerNoise] = {
    "input_layer1": 20.0,
    "conv1": 19.0,
    "conv2": 18.0,
    "conv3": build_layer_noise(12.0, bias_share=0.9),
}
COMMAND = "post_quantization_optimization(bias_correction, policy=enabled)"


@pytest.mark.parametrize(
    ("script", "ran", "recommended", "known"),
    [
        (None, None, True, ""),
        (None, {"conv3": False}, True, ""),
        (None, {"conv1": True, "conv2": True, "conv3": False}, True, ""),
        (None, {"conv3": True}, False, "bias_correction has run"),
        (None, {"conv3": np.array(["yes"])}, True, ""),
        (None, {"conv3": np.array([], bool)}, True, ""),
        (COMMAND, {"conv3": False}, False, "does not record that it ran at optimization level 0"),
        (COMMAND, {"conv3": True}, False, "bias_correction has run"),
        (COMMAND.replace("enabled", "disabled"), None, True, "the model script disables"),
        (COMMAND + "\n" + COMMAND.replace("enabled", "disabled"), None, True, "disables"),
        ("post_quantization_optimization(finetune, policy=enabled)", None, True, ""),
        ("post_quantization_optimization(bias_correction)", None, True, ""),
    ],
)
def test_bias_correction_is_asked_for_unless_it_ran(
    script: str | None, ran: dict[str, Any] | None, recommended: bool, known: str
) -> None:
    flags = {f"{name}/bias_correction/successfully_run": flag for name, flag in (ran or {}).items()}
    model = build_model(network(), script=script, analysis=flags)
    found = the(inspect(BIASED, model=model), "error-is-bias")
    numbers = "90% of the error at net/output_layer1, fed by net/conv3, SNR 12.0 dB"
    assert found.evidence.startswith(numbers)
    assert known in found.evidence
    assert bool(known) == (found.evidence != numbers)
    assert ("in the model script" in found.remedy) == recommended
    assert ("which finetunes" in found.remedy) == ("has run" in known)
    assert bool(found.why) == recommended
    if not recommended:
        assert found.recommendation is None
        return
    assert found.recommendation is not None
    assert found.recommendation.commands == (COMMAND,)
    assert found.recommendation.question
    assert not found.recommendation.default


def test_a_bias_names_the_output_what_feeds_it_and_the_numbers() -> None:
    found = the(inspect(BIASED), "error-is-bias")
    assert found.evidence == "90% of the error at net/output_layer1, fed by net/conv3, SNR 12.0 dB"
    assert found.measured == {"net/output_layer1": pytest.approx(0.9)}


@pytest.mark.parametrize(("widened", "is_remedy"), [("conv3", True), ("conv1", True), ("", False)])
def test_where_bias_correction_ran_a_proven_plan_is_the_remedy_if_it_concerns_the_place(
    widened: str, is_remedy: bool
) -> None:
    model = build_model(network(), analysis={"conv3/bias_correction/successfully_run": True})
    plan = build_plan({f"net/{widened or 'output_layer2'}": "a16_w16"})
    found = the(inspect(BIASED, model=model, plan=plan), "error-is-bias")
    assert (found.remedy == f"Give net/{widened} 16 bit and quantize again.") is is_remedy
    assert is_remedy or found.remedy.startswith("Quantize again at optimization level")
