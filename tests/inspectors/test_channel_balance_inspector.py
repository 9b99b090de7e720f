"""A few channels that take the codes of a layer: which, what is left, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.channel_balance_inspector import ChannelBalanceInspector
from inspectors.finer_codes import EQUALIZATION
from tests.fixtures.agreements import output_of
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    chain,
)
from tests.house.evidence import loud, quiet
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.noise import Sensitivity, decibels

OUTPUT = "net/output_layer1"


def measured(reach: Sequence[float], share: float) -> Measurements:
    """Channels of conv1 that reach so far, and what it makes of the noise of the output."""
    ratios = {
        f"net/{name}": {OUTPUT: 30.0 + decibels(1.0, part)}
        for name, part in (("conv1", share), ("conv2", 1.0 - share))
    }
    noise = replace(build_noise({}), sensitivity=Sensitivity(16, output_snr_db=ratios))
    seen = build_statistics(0.0, list(reach), channels=len(reach))
    return build_noise_measurements(noise, conv1=LayerMeasurement(seen))


def layers(channels: int, *behind: str, **params: Any) -> list[Layer]:
    first = [build_layer("input_layer1"), build_layer("conv1", shape=(4, 4, channels), **params)]
    return chain(*first, *map(build_layer, behind or ["conv2"]), build_layer("output_layer1"))


def inspect(
    reach: Sequence[float],
    share: float = 0.9,
    network: Sequence[Layer] | None = None,
    scales: Sequence[float] | None = None,
    script: str | None = None,
    agreement: AgreementMeasurements | None = None,
) -> list[Finding]:
    steps = np.array([scales or [max(reach) / 255] * len(reach)], np.float32)
    codes = {
        "conv1/layer_params/output_scales": steps,
        "conv1/layer_params/output_zero_points": np.zeros_like(steps),
        "conv1/limvals_out": np.array([0.0, max(reach)], np.float32),
    }
    model = build_model(network or layers(len(reach)), quantized=codes, script=script)
    found = replace(measured(reach, share), agreement=agreement)
    context = build_context(model, measurements=found)
    return list(ChannelBalanceInspector().inspect(context))


def with_wide(reach: float, wide: int = 1, channels: int = 20) -> list[float]:
    return [reach] * wide + [1.0] * (channels - wide)


@quiet("unequal-channels")
@loud("unequal-channels")
@pytest.mark.parametrize(
    ("reach", "share", "is_told"),
    [
        (with_wide(15.9), 0.9, False),
        (with_wide(16.1), 0.9, True),
        (with_wide(300.0), 0.9, True),
        # The layer makes hardly any of the noise.
        (with_wide(300.0), 0.3, False),
        (with_wide(300.0), 0.34, True),
        # One in ten is an exception, more are none.
        (with_wide(300.0, wide=2), 0.9, True),
        (with_wide(300.0, wide=3), 0.9, False),
        # Two of few that differ are nothing unusual.
        (with_wide(300.0, channels=8), 0.9, True),
        (with_wide(300.0, channels=7), 0.9, False),
        # Channels that never fire need no codes.
        ([300.0] + [0.0] * 19, 0.9, False),
    ],
)
def test_it_takes_few_wide_channels_few_codes_and_noise(
    reach: list[float], share: float, is_told: bool
) -> None:
    found = inspect(reach, share)
    assert [finding.id for finding in found] == ["unequal-channels"] * is_told
    for finding in found:
        assert finding.severity is Severity.WARNING
        assert finding.layers == ("net/conv1",)


@quiet("unequal-channels")
def test_channels_with_scales_of_their_own_have_codes_enough() -> None:
    reach = with_wide(300.0)
    assert inspect(reach, scales=[each / 255 for each in reach]) == []


@quiet("unequal-channels")
def test_channels_in_front_of_a_choice_are_told_with_what_is_chosen() -> None:
    network = layers(20, "resize1", "argmax1")
    (told,) = inspect(with_wide(300.0), network=network)
    assert told.layers == ("net/conv1",)
    output = output_of("classes")
    agreement = AgreementMeasurements(
        {OUTPUT: output}, front_of={OUTPUT: "net/resize1"}, fronts={"net/resize1": output.codes}
    )
    assert inspect(with_wide(300.0), network=network, agreement=agreement) == []


def test_it_names_the_channels_and_what_is_left_to_the_others() -> None:
    reach = with_wide(1.0)
    reach[5] = reach[7] = 255.0
    (finding,) = inspect(reach)
    assert "channels 5 and 7 reach 255, half of the other 18 at most 1" in finding.evidence
    assert "1 of 255 codes; 90% of the noise of an output comes from there" in finding.evidence
    assert finding.measured == {"codes at net/conv1": pytest.approx(1.0)}
    assert finding.remedy.startswith("Divide channels 5 and 7 of net/conv1 by about 300 in the")
    assert finding.removes_cause


@pytest.mark.parametrize(
    "network",
    [layers(20, "ew_add1"), layers(20, "conv2", activation="sigmoid")],
    ids=["read by more than weights", "not proportional"],
)
def test_channels_are_divided_only_where_that_changes_nothing(network: list[Layer]) -> None:
    (finding,) = inspect(with_wide(300.0), network=network)
    assert "Divide" not in finding.remedy
    assert finding.remedy
    assert not finding.removes_cause


def test_equalization_evens_them_out_where_it_was_switched_off() -> None:
    script = "pre_quantization_optimization(equalization, policy=disabled)\n"
    (finding,) = inspect(with_wide(300.0), script=script)
    assert finding.commands == (EQUALIZATION,)


@quiet("unequal-channels")
def test_outputs_and_inputs_have_units_of_their_own() -> None:
    at_output = chain(
        build_layer("input_layer1"),
        build_layer("conv1", shape=(4, 4, 20)),
        build_layer("output_layer1"),
    )
    assert inspect(with_wide(300.0), network=at_output) == []


def test_without_noise_of_single_layers_nothing_is_found() -> None:
    inspector = ChannelBalanceInspector()
    model = build_model(layers(20))
    assert inspector.should_skip(build_context(model))
    quiet_outputs = build_context(model, measurements=build_noise_measurements(build_noise({})))
    assert not inspector.should_skip(quiet_outputs)
    assert not list(inspector.inspect(quiet_outputs))
