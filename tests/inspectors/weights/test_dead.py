from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.weights import WeightsInspector, dead
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_measurements,
    build_model,
    build_noise,
    build_statistics,
    stored_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import CHANNELS, expected, kernel, model_of, some, summary
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.measurements import LayerMeasurement
from utils.measurements.output_kind import OutputKind
from utils.model_script import parse_model_script

FROM_CALIBRATION = "Calibrate again on samples like those that the device will see."


def dead_of(
    bias: Any = -30.0,
    sums: Any = -24.0,
    count: int = CHANNELS,
    *,
    elementwise_add: bool = False,
    is_measured: bool = True,
) -> list[Finding]:
    """A layer of which so many channels are dead, with these biases and largest sums."""
    model = model_of(
        kernel(some(count, 0)), high=some(count, 0, 1), elementwise_add=elementwise_add, biases=bias
    )
    before = build_statistics(-40.0, np.zeros(CHANNELS) + sums, channels=CHANNELS)
    after = build_statistics(0.0, 0.0, channels=CHANNELS)
    measured = build_measurements(conv1=LayerMeasurement(after, before)) if is_measured else None
    found = list(WeightsInspector().inspect(build_context(model, measured)))
    return [each for each in found if each.id == "dead-channels"]


@loud("dead-channels")
def test_biases_that_hold_a_layer_down_are_named() -> None:
    found = dead_of()
    assert summary(found) == expected("dead-channels", "warning")
    assert "net/conv1 (/a/Conv) has biases of -30 to -30 in 20 channels" in found[0].evidence
    assert "reach 6 without them, measured over 64 samples" in found[0].evidence
    assert found[0].remedy.startswith("Compare the biases of net/conv1 ")
    assert "alibrate again" not in found[0].remedy
    assert_well_worded(found[0])


@quiet("dead-channels")
@pytest.mark.parametrize(
    "case",
    [
        {"is_measured": False},
        {"bias": None},
        {"bias": some(1, 0.5, -30.0), "sums": some(1, -1.0, -24.0)},
        {"sums": some(1, 0.5, -24.0)},
        {"bias": -30.0, "sums": -30.0},
        {"count": CHANNELS - 1},
        {"elementwise_add": True},
    ],
    ids=[
        "nothing measured",
        "no biases",
        "one positive bias",
        "one channel fires",
        "nothing came in",
        "one was alive in calibration",
        "something is added",
    ],
)
def test_otherwise_calibration_is_to_blame(case: Mapping[str, Any]) -> None:
    found = dead_of(**case)
    assert summary(found) == expected("dead-channels", "error")
    assert found[0].remedy.startswith(FROM_CALIBRATION.rstrip("."))


def test_where_few_channels_sleep_training_may_have_silenced_them() -> None:
    (few,) = dead_of(count=3, is_measured=False)
    assert few.remedy.endswith(" will see, if calibration saw others.")
    assert "training has silenced them" in few.why
    (many,) = dead_of(count=9, is_measured=False)
    assert many.remedy == FROM_CALIBRATION


def judged(count: int, wrong: int, kind: OutputKind = "classes") -> Finding:
    """So many dead channels of a network of which so many samples come out otherwise."""
    model = model_of(kernel(some(count, 0)), high=some(count, 0, 1))
    every = WeightsInspector().inspect(build_context(model, agreed(wrong, kind)))
    (found,) = (each for each in every if each.id == "dead-channels")
    return found


@quiet("dead-channels")
@pytest.mark.parametrize(("count", "kind"), [(3, "unknown"), (3, "classes"), (7, "scores")])
def test_dead_channels_cost_nothing_where_the_outputs_are_as_in_float(
    count: int, kind: OutputKind
) -> None:
    found = judged(count, 0, kind)
    assert found.severity is Severity.INFO
    assert found.asks_for_nothing
    assert_well_worded(found)


@loud("dead-channels")
@pytest.mark.parametrize(
    ("count", "wrong", "kind"), [(4, 0, "unknown"), (3, 50, "classes"), (4, 50, "scores")]
)
def test_more_of_them_or_other_decisions_count(count: int, wrong: int, kind: OutputKind) -> None:
    assert judged(count, wrong, kind).severity is Severity.WARNING


@loud("dead-channels")
@pytest.mark.parametrize(("wrong", "kind"), [(50, "classes"), (0, "unknown")])
def test_most_of_a_layer_is_an_error_unless_nothing_is_lost(wrong: int, kind: OutputKind) -> None:
    assert judged(9, wrong, kind).severity is Severity.ERROR


def excited(count: int, *, gate: str = "sigmoid", others: int = 0) -> list[Finding]:
    """A squeeze-and-excite block with so many dead channels, behind a layer with others."""
    pool: dict[str, Any] = {"kernel_shape": [1, 4, 4, 1], "padding": "VALID"}
    one, shape = (1, 1, CHANNELS), (4, 4, CHANNELS)
    conv: dict[str, Any] = {"kernel_shape": [1, 1, CHANNELS, CHANNELS]}
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", shape=shape, activation="relu"),
        build_layer("avgpool1", "avgpool", ["conv1"], one, **pool),
        build_layer("conv2", "", ["avgpool1"], one, activation="relu", **conv),
        build_layer("conv3", "", ["conv2"], one, activation=gate, **conv),
        build_layer("ew_mult1", "ew_mult", ["conv1", "conv3"], shape),
        build_layer("output_layer1"),
    ]
    arrays: dict[str, Any] = {}
    optimized: dict[str, Any] = {}
    for name, dead_ones in (("conv1", others), ("conv2", count)):
        arrays[f"{name}/kernel"] = kernel(some(dead_ones, 0))
        seen = build_statistics(0.0, some(dead_ones, 0, 1).tolist(), channels=CHANNELS)
        optimized |= stored_statistics(f"{name}/stats/output_0", seen)
    floats = {f"{name}/kernel": kernel(1.0, np.float32) for name in ("conv1", "conv2")}
    model = build_model(layers, quantized=arrays, float_arrays=floats, optimized=optimized)
    found = WeightsInspector().inspect(build_context(model))
    return [each for each in found if each.id == "dead-channels"]


@quiet("dead-channels")
def test_training_silences_channels_of_squeeze_and_excite_blocks() -> None:
    (found,) = excited(CHANNELS - 1)
    assert (found.severity, found.layers) == (Severity.INFO, ("net/conv2",))
    assert found.asks_for_nothing
    assert_well_worded(found)


@loud("dead-channels")
@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"count": CHANNELS}, Severity.ERROR),
        ({"count": CHANNELS - 1, "gate": "relu"}, Severity.ERROR),
        ({"count": CHANNELS - 1, "others": 3}, Severity.WARNING),
        ({"count": 0, "others": 9}, Severity.ERROR),
    ],
    ids=["all of them", "no gate", "a few of another layer", "many of another layer"],
)
def test_a_gate_that_never_moves_and_other_layers_count(
    changes: dict[str, Any], severity: Severity
) -> None:
    (found,) = excited(**changes)
    assert found.severity is severity


def on_other_data(
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    woken: int,
    wrong: int = 0,
    *,
    others: bool = True,
    missed: float | None = None,
) -> Finding:
    """So many dead channels, of which so many fire on data that calibration did not see.

    `missed` is what they make of the error of the layer; None where that is not known.
    """
    monkeypatch.setattr(dead, "is_calibrated_on_others", lambda context: others)
    model = model_of(kernel(some(count, 0)), high=some(count, 0, 1))
    largest = [0.5 if channel < woken else -2.0 for channel in range(CHANNELS)]
    sums = build_statistics(-40.0, largest, channels=CHANNELS)
    measured = agreed(wrong)
    layers = {**measured.layers, "net/conv1": LayerMeasurement(sums, sums)}
    noise = None
    if missed is not None:
        errors = np.array(some(count, missed / count, (1 - missed) / (CHANNELS - count)))
        own = build_layer_noise(channels=CHANNELS)
        noise = build_noise({"conv1": replace(own, output=replace(own.output, by_channel=errors))})
    context = build_context(model, replace(measured, layers=layers, noise=noise))
    (found,) = (x for x in WeightsInspector().inspect(context) if x.id == "dead-channels")
    assert_well_worded(found)
    return found


@quiet("dead-channels")
@pytest.mark.parametrize(
    ("woken", "wrong", "said"),
    [(0, 0, "none would in float either"), (0, 50, "none would"), (3, 0, "at most 3 channels")],
)
def test_what_other_data_hardly_wake_was_silenced_by_training(
    monkeypatch: pytest.MonkeyPatch, woken: int, wrong: int, said: str
) -> None:
    found = on_other_data(monkeypatch, 6, woken, wrong)
    assert found.severity is Severity.INFO
    assert found.asks_for_nothing
    assert said in found.why


@loud("dead-channels")
@pytest.mark.parametrize(
    ("woken", "wrong", "others", "severity"),
    [
        (4, 0, True, Severity.WARNING),
        (1, 50, True, Severity.WARNING),
        (0, 50, False, Severity.WARNING),
    ],
    ids=["they fire", "decisions are lost", "calibration saw these data"],
)
def test_what_other_data_wake_counts(
    monkeypatch: pytest.MonkeyPatch, woken: int, wrong: int, others: bool, severity: Severity
) -> None:
    assert on_other_data(monkeypatch, 6, woken, wrong, others=others).severity is severity


@loud("dead-channels")
@pytest.mark.parametrize(("wrong", "severity"), [(0, Severity.WARNING), (50, Severity.ERROR)])
def test_most_of_a_layer_is_an_error_unless_other_data_lose_nothing(
    monkeypatch: pytest.MonkeyPatch, wrong: int, severity: Severity
) -> None:
    assert on_other_data(monkeypatch, 9, 4, wrong).severity is severity


@pytest.mark.parametrize(("size", "severity"), [(100, Severity.WARNING), (101, Severity.ERROR)])
def test_samples_behind_those_of_the_calibration_are_other_data(
    size: int, severity: Severity
) -> None:
    """Of 200 samples."""
    model = model_of(kernel(some(9, 0)), high=some(9, 0, 1))
    script = parse_model_script(
        f"model_optimization_config(calibration, batch_size=8, calibset_size={size})\n"
    )
    context = replace(build_context(model, agreed()), script=script)
    (found,) = (x for x in WeightsInspector().inspect(context) if x.id == "dead-channels")
    assert found.severity is severity


@pytest.mark.parametrize(("woken", "is_doubtful"), [(0, True), (1, False)])
def test_what_sleeps_on_the_given_data_as_well_may_be_another_network(
    monkeypatch: pytest.MonkeyPatch, woken: int, is_doubtful: bool
) -> None:
    found = on_other_data(monkeypatch, 9, woken, others=False)
    assert ("--reference" in found.remedy) is is_doubtful
    assert ("lost an activation" in found.why) is is_doubtful


@quiet("dead-channels")
@loud("dead-channels")
@pytest.mark.parametrize(
    ("missed", "others", "severity"),
    [
        (0.09, True, Severity.INFO),
        (0.11, True, Severity.WARNING),
        (None, True, Severity.WARNING),
        (0.0, False, Severity.WARNING),
    ],
    ids=["next to nothing", "more", "not known", "calibration saw these data"],
)
def test_what_few_of_them_would_say_counts_where_decisions_are_lost(
    monkeypatch: pytest.MonkeyPatch, missed: float | None, others: bool, severity: Severity
) -> None:
    found = on_other_data(monkeypatch, 6, 1, 50, others=others, missed=missed)
    assert found.severity is severity
    if severity is Severity.INFO:
        assert "9.0% of the error of their layer" in found.why


@quiet("dead-channels")
def test_most_of_a_squeezing_layer_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead, "excite_layers", lambda network: {"net/conv1"})
    assert on_other_data(monkeypatch, 9, 0).severity is Severity.INFO
    assert on_other_data(monkeypatch, 9, 4).severity is Severity.INFO
    assert judged(9, wrong=50).severity is Severity.INFO
