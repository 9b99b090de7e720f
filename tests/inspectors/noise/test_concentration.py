from __future__ import annotations

import math

import pytest

from tests.fixtures.builders import (
    build_layer,
    build_layer_noise,
    build_model,
    chain,
    scoped,
)
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    OUTPUT,
    expected,
    inspect,
    limited,
    only,
    the,
    two_outputs,
)
from utils.findings import Finding
from utils.har.model import Model
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import LayerNoise


def spread_over(*shares: float) -> dict[str, float]:
    """Sensitivity of conv1, conv2, ... with these shares of the noise at the output."""
    return {f"conv{n}": 20 - 10 * math.log10(share) for n, share in enumerate(shares, start=1)}


# Three of these hold less than half of the noise.
EVEN = (*[0.15] * 6, 0.1)


def wide_model(layers: int, activation: str = "sigmoid") -> Model:
    convs = [build_layer(f"conv{n}", activation=activation) for n in range(1, layers + 1)]
    return build_model(chain(build_layer("input_layer1"), *convs, build_layer(OUTPUT)))


def spread_findings(snr: float, sensitivity: dict[str, float] | None) -> list[Finding]:
    layers = max(len(sensitivity or {}), 2)
    found = inspect(
        {**{f"conv{n}": snr for n in range(1, layers + 1)}, "input_layer1": snr, OUTPUT: snr},
        model=wide_model(layers),
        sensitivity=sensitivity,
    )
    return [f for f in found if f.id in ("noise-concentrated", "noise-diffuse")]


@quiet("noise-concentrated", "noise-diffuse")
@loud("noise-concentrated", "noise-diffuse")
@pytest.mark.parametrize(
    ("snr", "shares", "id", "names"),
    [
        (15.0, (0.71, 0.29), "noise-concentrated", ["conv1"]),
        (15.0, (0.29, 0.71), "noise-concentrated", ["conv2"]),
        (15.0, (0.69, 0.31), "", []),
        (15.0, EVEN, "noise-diffuse", [OUTPUT]),
        (9.0, EVEN, "noise-diffuse", [OUTPUT]),
        (19.9, EVEN, "noise-diffuse", [OUTPUT]),
        (20.0, EVEN, "", []),
        # Three layers of any network are few, and these hold more than half.
        (15.0, (0.26, *EVEN[1:]), "", []),
        (15.0, (0.5, 0.49, 0.005, 0.005), "", []),
        # So are four of 40.
        (15.0, (*[0.12] * 4, *[0.52 / 36] * 36), "noise-diffuse", [OUTPUT]),
        (15.0, (*[0.13] * 4, *[0.48 / 36] * 36), "", []),
        (29.9, (0.71, 0.29), "noise-concentrated", ["conv1"]),
        (30.0, (0.71, 0.29), "", []),
        # Of 20 layers two are few, of 19 one is.
        (15.0, (0.4, 0.4, *[0.2 / 18] * 18), "noise-concentrated", ["conv1", "conv2"]),
        (15.0, (0.4, 0.4, *[0.2 / 17] * 17), "", []),
        (15.0, (0.75, 0.05, *[0.2 / 18] * 18), "noise-concentrated", ["conv1"]),
        (15.0, (1.0,), "", []),
    ],
)
def test_concentrated_or_diffuse(
    snr: float, shares: tuple[float, ...], id: str, names: list[str]
) -> None:
    found = spread_findings(snr, spread_over(*shares))
    assert [(f.id, f.severity.label, f.layers) for f in found] == (
        [(id, "info", tuple(map(scoped, names)))] if id else []
    )


@quiet("noise-concentrated", "noise-diffuse")
@pytest.mark.parametrize(
    "sensitivity",
    [
        None,
        {},
        {"conv1": math.nan, "conv2": math.nan},
        {"conv1": math.inf, "conv2": math.inf},
        {"conv1": -math.inf, "conv2": 20.0},
        {"conv1": math.nan, "conv2": 20.0},
    ],
)
def test_what_is_not_known_of_single_layers_is_not_judged(
    sensitivity: dict[str, float] | None,
) -> None:
    assert spread_findings(15.0, sensitivity) == []


def test_layers_without_noise_of_their_own_do_not_count() -> None:
    # Three of 39 that add noise are few, but not four, however many hand codes on.
    silent = {f"conv{n}": math.inf for n in range(40, 50)}
    found = spread_findings(15.0, spread_over(*[0.13] * 4, *[0.48 / 35] * 35) | silent)
    assert [f.id for f in found] == ["noise-diffuse"]
    assert "the loudest of 39 layers, add 39% of the noise" in found[0].evidence


def test_the_shares_and_what_they_would_gain_are_told() -> None:
    (found,) = spread_findings(15.0, spread_over(0.8, 0.2))
    assert found.headline == "Most noise at the outputs comes from net/conv1"
    assert found.evidence == (
        "80% from net/conv1 at net/output_layer1, which has an SNR of 15.0 dB and noise from 2 "
        "layers"
    )
    assert found.measured == {"net/conv1 at net/output_layer1": pytest.approx(0.8)}
    assert found.recommendation is None
    (found,) = spread_findings(15.0, spread_over(*[0.1] * 10))
    assert found.evidence == (
        "net/conv1, net/conv2 and net/conv3, the loudest of 10 layers, add 30% of the noise at "
        "net/output_layer1, whose SNR of 15.0 dB would be 1.5 dB higher without their noise"
    )
    assert found.remedy == ""
    assert found.measured == {"net/output_layer1": pytest.approx(0.3)}


CUT_OFF = limited("clipped", 100_000, 1_000_000, 64)
OFFSET = build_layer_noise(15.0, bias_share=0.9)


@pytest.mark.parametrize("layer", [CUT_OFF, OFFSET], ids=["cut off", "offset"])
def test_what_bits_do_not_mend_asks_for_no_bits(layer: LayerNoise) -> None:
    found = inspect({"conv1": layer, "conv3": 15.0}, sensitivity=spread_over(0.9, 0.1))
    assert the(found, "noise-concentrated").remedy == ""
    found = inspect({"conv2": layer, "conv3": 15.0}, sensitivity=spread_over(0.9, 0.1))
    assert the(found, "noise-concentrated").remedy != ""


@pytest.mark.parametrize(
    ("mode", "plan", "advice"),
    [
        ("a8_w8_a8", None, "Run again with a higher --target-snr to try 16 bit for these layers."),
        ("", None, "Run again with a higher --target-snr to try 16 bit for these layers."),
        ("a8_w4_a8", None, "Give net/conv1 8-bit weights and quantize again."),
        (
            "a8_w8_a8",
            MixedPrecisionPlan(20.0, {}, {}, {}, obstacle="it is too noisy"),
            "",
        ),
    ],
)
def test_bits_for_few_layers_are_advised_as_far_as_they_help(
    mode: str, plan: MixedPrecisionPlan | None, advice: str
) -> None:
    model = build_model(
        chain(
            build_layer("input_layer1"),
            build_layer("conv1", mode=mode),
            build_layer("conv2"),
            build_layer("conv3"),
            build_layer(OUTPUT),
        )
    )
    found = inspect({"conv3": 15.0}, model=model, plan=plan, sensitivity=spread_over(0.9, 0.1))
    assert the(found, "noise-concentrated").remedy == advice


PLANNED = {f"net/conv{n}": "a16_w16" for n in range(1, 5)}


@pytest.mark.parametrize(("layers", "diffuse"), [(0, True), (2, False), (3, False), (4, True)])
def test_noise_that_a_plan_of_few_layers_mends_is_not_diffuse(layers: int, diffuse: bool) -> None:
    modes = dict(list(PLANNED.items())[:layers])
    noise: dict[str, float | LayerNoise] = {f"conv{n}": 15.0 for n in range(1, 11)}
    found = inspect(
        {**noise, OUTPUT: 15.0},
        model=wide_model(10),
        plan=build_plan(modes),
        sensitivity=spread_over(*[0.1] * 10),
    )
    assert bool(only(found, "noise-diffuse")) == diffuse


def test_a_proven_plan_has_the_last_word() -> None:
    plan = build_plan({"net/conv1": "a16_w16"})
    found = inspect({"conv3": 15.0}, plan=plan, sensitivity=spread_over(0.9, 0.1))
    assert the(found, "noise-concentrated").remedy == ""


def test_noise_of_an_input_is_no_case_for_16_bit() -> None:
    found = inspect({"conv3": 15.0}, sensitivity={"input_layer1": 15.0, "conv1": 30.0})
    assert "range of the input fits the data" in the(found, "noise-concentrated").remedy


def test_more_than_two_layers_are_named_in_the_evidence_only() -> None:
    (found,) = spread_findings(15.0, spread_over(*[0.25] * 3, *[0.25 / 27] * 27))
    assert found.headline == "Most noise at the outputs comes from few layers"
    assert found.layers == ("net/conv1", "net/conv2", "net/conv3")
    assert "25% from net/conv1, 25% from net/conv2 and 25% from net/conv3" in found.evidence


def test_every_output_is_judged_by_the_layers_that_reach_it() -> None:
    model = two_outputs("sigmoid", "sigmoid")
    alone = {
        "conv1": {"output_layer1": 20.0, "output_layer2": 20.0},
        "conv2": {"output_layer1": 12.0, "output_layer2": math.inf},
        "conv3": {"output_layer1": math.inf, "output_layer2": 20.0},
    }
    layers = {"output_layer1": 12.0, "output_layer2": 17.0}
    found = inspect(layers, model=model, sensitivity=alone)
    assert only(found, "noise-concentrated") == expected("info", "conv2")
    assert only(found, "noise-diffuse") == []
