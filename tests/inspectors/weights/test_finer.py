"""Coarse weights that do no harm, and what trials say of those that do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context, build_measurements, build_noise, build_statistics
from tests.fixtures.outcomes import OUTPUT, build_classes, build_plan
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import CHANNELS, kernel, model_of, some
from utils.findings import Finding, Severity
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import LayerNoise, Sensitivity, TensorNoise
from utils.measurements.own_noise import unclear_coarse_layers
from utils.measurements.scale_trial import Change, ScaleTrial

MODEL = model_of(kernel(some(3, 7)), high=1.0)
COUNT = 1000
EQUALIZATION = "pre_quantization_optimization(equalization, policy=enabled)"
SIXTEEN_BIT = {"net/conv1": "a16_w16_a16"}


def measured(
    own_db: float, *trials: ScaleTrial, plan: MixedPrecisionPlan | None = None
) -> Measurements:
    """The coarse channels have this SNR, the others 40 dB."""
    noise = COUNT * 10 ** (-some(3, own_db, 40.0) / 10)
    tensor = TensorNoise(COUNT, float(noise.sum()), np.zeros(CHANNELS), COUNT, noise)
    seen = build_statistics(-3.0, 3.0, channels=CHANNELS)
    seen = replace(seen, mean=np.zeros(CHANNELS), energy=np.ones(CHANNELS))
    return replace(
        build_measurements(conv1=LayerMeasurement(seen)),
        noise=build_noise({"conv1": LayerNoise(tensor)}),
        scale_trials=trials,
        plan=plan,
    )


def coarse(found: Measurements) -> Finding:
    (finding,) = WeightsInspector().inspect(build_context(MODEL, found))
    assert finding.id == "coarse-channels"
    return finding


def trial(change: Change, same: int) -> ScaleTrial:
    modes = SIXTEEN_BIT if change == "sixteen_bit" else {}
    before, after = {OUTPUT: build_classes(20)}, {OUTPUT: build_classes(same)}
    return ScaleTrial(change, ("net/conv1",), before, after, modes)


@quiet("coarse-channels")
@loud("coarse-channels")
@pytest.mark.parametrize(("own_db", "is_clear"), [(20.1, True), (19.9, False)])
def test_channels_that_are_clear_by_themselves_are_an_info(own_db: float, is_clear: bool) -> None:
    finding = coarse(measured(own_db))
    assert finding.severity is (Severity.INFO if is_clear else Severity.WARNING)
    assert finding.asks_for_nothing is is_clear


@quiet("coarse-channels")
@loud("coarse-channels")
@pytest.mark.parametrize(("largest", "is_coarse"), [(2, False), (1, True)])
def test_weights_of_4_bit_get_8_before_anything_else(largest: int, is_coarse: bool) -> None:
    model = model_of(kernel(some(3, largest, 7)), mode="a8_w4_a8", high=1.0)
    assert unclear_coarse_layers(model, None) == ()  # nothing is tried for them
    assert unclear_coarse_layers(MODEL, None) == ("net/conv1",)
    found = [*WeightsInspector().inspect(build_context(model))]
    assert [f.id for f in found] == ["coarse-channels"] * is_coarse
    for finding in found:
        assert finding.severity is Severity.WARNING
        assert finding.remedy == "Give net/conv1 8-bit weights with these lines and quantize again."
        assert finding.commands == ("quantization_param([net/conv1], precision_mode=a8_w8)",)


def test_the_cheapest_change_that_mends_is_recommended_and_all_are_told() -> None:
    finding = coarse(measured(5.0, trial("equalization", 64), trial("sixteen_bit", 64)))
    assert finding.remedy == "Switch equalization on with this line and quantize again."
    assert finding.recommendation is not None
    assert (finding.commands, finding.recommendation.proven) == ((EQUALIZATION,), True)
    assert finding.recommendation.gain is not None
    gain = finding.recommendation.gain
    assert (gain.before, gain.after) == (20 / 64, 1.0)
    assert (
        "with equalization: net/output_layer1 the same class as in float comes first"
        in finding.evidence
    )
    assert "with 16 bit at net/conv1: net/output_layer1 the same class" in finding.evidence


def test_16_bit_is_recommended_where_only_that_mends() -> None:
    finding = coarse(measured(5.0, trial("equalization", 30), trial("sixteen_bit", 64)))
    assert finding.remedy == "Give net/conv1 16 bit with these lines and quantize again."
    assert finding.commands == ("quantization_param([net/conv1], precision_mode=a16_w16_a16)",)


def test_what_only_helps_gives_way_to_a_plan_that_is_proven() -> None:
    helping = trial("equalization", 40)
    alone = coarse(measured(5.0, helping))
    assert alone.commands == (EQUALIZATION,)
    assert alone.remedy == (
        "Switch equalization on with this line, which mends only a part, and quantize again."
    )
    plan = build_plan(SIXTEEN_BIT, before=helping.before, after={OUTPUT: build_classes(64)})
    finding = coarse(measured(5.0, helping, plan=plan))
    assert finding.commands == ()
    assert finding.remedy == "Give net/conv1 16 bit and quantize again."


def test_nothing_is_recommended_that_was_tried_in_vain() -> None:
    finding = coarse(measured(5.0, trial("equalization", 20), trial("sixteen_bit", 20)))
    assert finding.commands == ()
    assert "tried without gain: equalization and 16 bit at" in finding.evidence
    # So these weights are not what the outputs suffer from.
    assert finding.severity is Severity.INFO
    assert finding.asks_for_nothing


@quiet("coarse-channels")
@loud("coarse-channels")
@pytest.mark.parametrize(
    ("alone_db", "others_db", "severity"),
    [
        (13.8, 13.1, Severity.WARNING),  # either of them spoils the output
        (2.9, -3.1, Severity.WARNING),
        (21.0, 13.1, Severity.INFO),
        (13.8, 19.0, Severity.INFO),  # it makes 77 % of the noise, so the trial would have shown
    ],
)
def test_a_trial_says_nothing_of_weights_that_others_mask(
    alone_db: float, others_db: float, severity: Severity
) -> None:
    found = measured(5.0, trial("equalization", 20), trial("sixteen_bit", 20))
    assert found.noise is not None
    alone = {"net/conv1": {OUTPUT: alone_db}, "net/conv2": {OUTPUT: others_db}}
    noise = replace(found.noise, sensitivity=Sensitivity(16, output_snr_db=alone))
    finding = coarse(replace(found, noise=noise))
    assert finding.severity is severity
    assert bool(finding.remedy) is (severity is Severity.WARNING)
    assert ("comes from elsewhere" in finding.why) is (severity is Severity.INFO)


def test_what_was_not_tried_at_16_bit_is_not_cleared() -> None:
    finding = coarse(measured(5.0, trial("equalization", 20)))
    assert finding.severity is Severity.WARNING
    assert not finding.asks_for_nothing


def test_trials_of_other_layers_say_nothing() -> None:
    other = replace(trial("sixteen_bit", 64), layers=("net/conv2",))
    finding = coarse(measured(5.0, other))
    assert finding.recommendation is not None
    assert not finding.recommendation.proven
    assert "with 16 bit" not in finding.evidence
