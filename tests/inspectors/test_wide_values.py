"""First layers that are wide in spite of their batch normalization: the inputs are others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from inspectors.batch_norm_inspector import BatchNormInspector
from inspectors.wide_values import is_smooth
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_statistics,
    replaced,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.test_batch_norm_inspector import agreeing
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Severity
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

CHANNELS = 20


def preactivation(std: float) -> ChannelStatistics:
    """What enters the activations of all channels."""
    return build_statistics(-99.0, 99.0, [0.0] * CHANNELS, [std] * CHANNELS, channels=CHANNELS)


NORMAL, WIDE = preactivation(1.0), preactivation(9.0)


@pytest.mark.parametrize(
    ("first", "others", "is_suspected"),
    [
        (WIDE, [WIDE, WIDE, WIDE], True),
        (NORMAL, [WIDE, WIDE, WIDE], False),
        (WIDE, [WIDE, NORMAL, NORMAL], False),  # single layers, not the network
    ],
)
@pytest.mark.parametrize("is_normalized", [True, False])
def test_batch_normalization_of_a_first_layer_that_is_wide_saw_other_inputs(
    first: ChannelStatistics,
    others: Sequence[ChannelStatistics],
    is_suspected: bool,
    is_normalized: bool,
) -> None:
    layers = [build_layer(name) for name in ("input_layer1", "normalization1")]
    layers += [
        build_layer(f"conv{i}", activation="relu", batch_norm=is_normalized) for i in range(1, 5)
    ]
    layers += [build_layer("conv9"), build_layer("output_layer1")]
    measured = {
        f"conv{number}": LayerMeasurement(values, preactivation=values)
        for number, values in enumerate((first, *others), 1)
    }
    measured["input_layer1"] = LayerMeasurement(build_statistics(0, 255, 120.0, 60.0))
    measured["normalization1"] = LayerMeasurement(build_statistics(-2, 2, 0.1, 1.0))
    model = build_model(layers, script="normalization1 = normalization([120.0], [60.0])")
    found = next(
        iter(BatchNormInspector().inspect(build_context(model, build_measurements(64, **measured))))
    )
    is_blamed = is_suspected and is_normalized
    assert found.remedy.startswith("Compare the constants" if is_blamed else "Bound these")
    assert ("Inputs of another scale" in found.why) is is_blamed
    assert found.removes_cause is is_blamed
    assert_well_worded(found)


@quiet("abnormal-preactivation")
@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("wrong", "changes", "severity"),
    [
        (0, {"activation": "silu"}, Severity.INFO),
        (0, {"activation": "relu"}, Severity.WARNING),
        (0, {"activation": "silu", "batch_norm": True}, Severity.WARNING),
        (50, {"activation": "silu"}, Severity.WARNING),
    ],
    ids=["by training", "a bound may be lost", "promised narrow", "it costs"],
)
def test_networks_with_silu_are_trained_so_wide(
    wrong: int, changes: dict[str, Any], severity: Severity
) -> None:
    layers = (WIDE, WIDE, NORMAL, NORMAL)
    context = agreeing(1.0, wrong, *layers, type="conv", **changes)
    found = next(iter(BatchNormInspector().inspect(context)))
    assert found.severity is severity
    assert ("ReLU6" in found.remedy) is (changes["activation"] == "relu")
    assert_well_worded(found)


@quiet("abnormal-preactivation")
@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("normal", "wrong", "batch_norm", "severity"),
    [
        (4, 0, False, Severity.INFO),
        (3, 0, False, Severity.WARNING),
        (4, 50, False, Severity.WARNING),
        (4, 0, True, Severity.WARNING),
    ],
    ids=["a third", "more", "decisions are lost", "promised narrow"],
)
def test_some_wide_layers_of_a_network_with_relus_are_trained_so(
    normal: int, wrong: int, batch_norm: bool, severity: Severity
) -> None:
    layers = [WIDE, WIDE, *[NORMAL] * normal]
    context = agreeing(1.0, wrong, *layers, type="conv", activation="relu", batch_norm=batch_norm)
    found = next(iter(BatchNormInspector().inspect(context)))
    assert found.severity is severity
    assert ("ReLU6" in found.remedy) is (severity is Severity.WARNING)
    assert_well_worded(found)


def test_the_relu_of_a_squeeze_and_excite_block_lost_no_bound() -> None:
    pool = build_layer("avgpool1", "avgpool", ["conv1"], (1, 1, 3), kernel_shape=[1, 4, 4, 1])
    one: dict[str, Any] = {"shape": (1, 1, 3), "kernel_shape": [1, 1, 3, 3]}
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", activation="silu"),
        replaced(pool, params={**pool.params, "padding": "VALID"}),
        build_layer("conv2", inputs=["avgpool1"], activation="relu", **one),
        build_layer("conv3", inputs=["conv2"], activation="sigmoid", **one),
        build_layer("ew_mult1", inputs=["conv1", "conv3"]),
        build_layer("conv4", inputs=["ew_mult1"], activation="relu"),
        build_layer("output_layer1"),
    ]
    network = build_network(layers)
    wide = {name: network[f"net/{name}"] for name in ("conv1", "conv2", "conv4")}
    assert is_smooth(network, [wide["conv1"], wide["conv2"]])
    assert not is_smooth(network, [wide["conv2"]])
    assert not is_smooth(network, wide.values())


@pytest.mark.parametrize(("wrong", "is_float"), [(0, True), (50, False)])
def test_a_network_that_is_wide_and_loses_nothing_is_compared_with_its_original(
    wrong: int, is_float: bool
) -> None:
    context = agreeing(1.0, wrong, WIDE, WIDE, WIDE, WIDE)
    found = next(iter(BatchNormInspector().inspect(context)))
    assert found.severity is Severity.ERROR
    assert ("--reference" in found.remedy) is is_float
    assert ("costs the outputs little" in found.why) is is_float
    assert_well_worded(found)
