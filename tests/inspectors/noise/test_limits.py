from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_histogram,
    build_layer,
    build_model,
    build_statistics,
    chain,
    scoped,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    OUTPUT,
    expected,
    handed_on,
    inspect,
    limited,
    network,
    only,
    the,
)
from utils.measurements import LayerMeasurement
from utils.measurements.noise import LayerNoise
from utils.measurements.spread import count_by_chance


@quiet("accumulator-saturates")
@loud("accumulator-saturates")
@pytest.mark.parametrize(
    ("beyond", "values", "snr", "severity"),
    [
        (0, 1_000_000, 15.0, ""),
        (1_000, 1_000_000, 15.0, ""),
        (1_001, 1_000_000, 15.0, "warning"),
        (10_000, 1_000_000, 15.0, "warning"),
        (10_001, 1_000_000, 15.0, "error"),
        (1, 99, 5.25, "error"),  # one of 99 samples of a single sum each
        (10_001, 1_000_000, 29.9, "error"),
        (10_001, 1_000_000, 30.0, "info"),
        (10_001, 1_000_000, math.inf, "info"),
        (1_000, 1_000_000, 40.0, ""),
        (0, 0, 15.0, ""),
    ],
)
def test_accumulator_saturates(beyond: int, values: int, snr: float, severity: str) -> None:
    layer = limited("saturated", beyond, values, 1, snr)
    found = inspect({"conv2": layer})
    assert only(found, "accumulator-saturates") == expected(severity, "conv2")
    for f in found:
        if f.id == "accumulator-saturates":
            assert f.measured == {"net/conv2": pytest.approx(beyond / values)}
            assert f.recommendation is None
            assert " in 1 sample, " in f.evidence
            assert bool(f.remedy) == (severity != "info")


def test_one_finding_for_each_severity_of_saturation_the_worst_layer_first() -> None:
    layers = {
        "conv1": limited("saturated", 20, 1_000, 5),
        "conv2": limited("saturated", 5, 1_000, 5),
        "conv3": limited("saturated", 500, 1_000, 5),
    }
    found = [f for f in inspect(layers) if f.id == "accumulator-saturates"]
    assert only(found, "accumulator-saturates") == [
        ("error", ("net/conv1", "net/conv3")),
        ("warning", ("net/conv2",)),
    ]
    assert found[0].evidence.index("net/conv3") < found[0].evidence.index("net/conv1")


@quiet("range-saturates")
@loud("range-saturates")
@pytest.mark.parametrize(
    ("beyond", "samples", "snr", "severity"),
    [
        (0, 0, 15.0, ""),
        (1_000, 64, 15.0, ""),
        (1_001, 64, 15.0, "warning"),
        (50_000, 64, 15.0, "warning"),
        (50_001, 64, 15.0, "error"),
        (50_001, 64, 30.0, "info"),
        (900_000, 13, 15.0, ""),  # of 64 samples so many may by chance
        (900_000, 14, 15.0, "error"),
    ],
)
def test_range_saturates(beyond: int, samples: int, snr: float, severity: str) -> None:
    found = inspect({"conv2": limited("clipped", beyond, 1_000_000, samples, snr)})
    assert only(found, "range-saturates") == expected(severity, "conv2")


@pytest.mark.parametrize(
    ("beyond", "samples", "severity"),
    [
        (None, 0, "error"),  # not known
        (0, 0, "info"),
        (1_000, 64, "info"),
        (1_001, 64, "error"),
        (900_000, 13, "info"),
        (900_000, 14, "error"),
    ],
)
def test_values_that_noise_pushes_out_are_told_from_those_that_do_not_fit(
    beyond: int | None, samples: int, severity: str
) -> None:
    floats = {}
    if beyond is not None:
        counts = [1_000_000 - beyond] + [0] * 99
        histogram = build_histogram(counts, above=beyond, samples_above=samples)
        floats["conv2"] = LayerMeasurement(build_statistics(0, 2), histogram=histogram)
    found = inspect({"conv2": limited("clipped", 60_000, 1_000_000, 64)}, floats=floats)
    assert only(found, "range-saturates") == expected(severity, "conv2")
    judged = the(found, "range-saturates")
    assert ("noise of the layers in front pushes them out" in judged.why) == (severity == "info")
    assert judged.remedy.startswith("Calibrate again" if severity == "error" else "")
    assert bool(judged.remedy) == (severity == "error")
    assert "it does no harm" not in judged.why


def test_high_ratios_are_said_to_be_harmless() -> None:
    found = inspect({"conv2": limited("clipped", 60_000, 1_000_000, 64, 35.0)})
    judged = the(found, "range-saturates")
    assert judged.why == "The SNR of these layers stays high, so it does no harm."
    assert judged.remedy == ""


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        ("", ""),
        ("quantization_param(conv2, force_range_out=[0, 1])", "Delete"),
        ("quantization_param(conv1, force_range_out=[0, 1])", ""),
        (
            "pre_quantization_optimization(activation_clipping, layers={*}, mode=percentile)",
            "Exempt conv2 from",
        ),
        ("pre_quantization_optimization(activation_clipping, layers={*}, mode=disabled)", ""),
        ("pre_quantization_optimization(equalization, policy=disabled)", ""),
        ("quantization_param(conv2, precision_mode=a16_w16)", ""),
    ],
)
def test_a_range_that_the_script_narrows_is_to_be_given_back(script: str, remedy: str) -> None:
    model = build_model(network(), script=script)
    found = inspect({"conv2": limited("clipped", 60_000, 1_000_000, 64)}, model=model)
    judged = the(found, "range-saturates")
    assert judged.remedy == (
        f"{remedy} line 1 of the model script, `{script}`, and quantize again."
        if remedy
        else "Calibrate again on samples that reach as far as these."
    )
    assert judged.removes_cause is bool(remedy)
    assert (judged.location is not None) is bool(remedy)
    found = inspect({"conv2": limited("saturated", 60_000, 1_000_000, 64)}, model=model)
    assert the(found, "accumulator-saturates").remedy.startswith("Calibrate again")


def test_what_a_line_cuts_off_is_told_apart_from_what_calibration_did() -> None:
    script = "quantization_param(conv2, force_range_out=[0, 1])"
    model = build_model(network(), script=script)
    clipped = {name: limited("clipped", 60_000, 1_000_000, 64) for name in ("conv1", "conv2")}
    found = [f for f in inspect(clipped, model=model) if f.id == "range-saturates"]
    assert [(f.layers, f.removes_cause) for f in found] == [
        (("net/conv2",), True),
        (("net/conv1",), False),
    ]
    assert found[0].remedy.startswith("Delete line 1")
    assert found[1].remedy.startswith("Calibrate again")


def test_all_that_lines_cut_off_is_one_finding_as_bad_as_the_worst() -> None:
    lines = [f"quantization_param(conv{n}, force_range_out=[0, 1])" for n in (1, 2)]
    counts = {"conv1": 10_000, "conv2": 60_000}
    clipped = {name: limited("clipped", many, 1_000_000, 64) for name, many in counts.items()}
    plain = [f for f in inspect(clipped) if f.id == "range-saturates"]
    assert [(f.severity.label, f.layers) for f in plain] == [
        ("error", ("net/conv2",)),
        ("warning", ("net/conv1",)),
    ]
    model = build_model(network(), script="\n".join(lines))
    (found,) = (f for f in inspect(clipped, model=model) if f.id == "range-saturates")
    assert (found.severity.label, found.layers) == ("error", ("net/conv1", "net/conv2"))
    assert "line 1" in found.remedy
    assert "line 2" in found.remedy


@quiet("accumulator-saturates")
@loud("accumulator-saturates")
@pytest.mark.parametrize(
    ("layer", "clipped", "is_told"),
    [("conv2", 60_000, False), ("conv1", 60_000, True), ("conv2", 1_000, True)],
)
def test_sums_that_a_line_of_the_script_cuts_off_are_no_fault_of_the_data(
    layer: str, clipped: int, is_told: bool
) -> None:
    script = f"quantization_param({layer}, force_range_out=[0, 1])"
    both = replace(
        limited("clipped", clipped, 1_000_000, 64),
        saturated=limited("saturated", 60_000, 1_000_000, 64).saturated,
    )
    found = inspect({"conv2": both}, model=build_model(network(), script=script))
    assert ("accumulator-saturates" in {f.id for f in found}) is is_told


@pytest.mark.parametrize("name", ["input_layer1", "conv1"])
def test_what_does_not_fit_an_input_is_said_of_the_archive(name: str) -> None:
    found = inspect({name: limited("clipped", 60_000, 1_000_000, 64)})
    judged = the(found, "range-saturates")
    assert judged.headline.startswith("Input values" if name == "input_layer1" else "Values")
    assert judged.evidence == (
        f"6.00% of 1,000,000 values of {scoped(name)} in 64 samples, SNR 15.0 dB"
    )


def test_an_input_can_be_clipped_but_what_passes_on_does_not_repeat_it() -> None:
    layers = chain(
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("maxpool1"),
        build_layer(OUTPUT),
    )
    cut = limited("clipped", 100_000, 1_000_000, 64, 5.0)
    noise: dict[str, float | LayerNoise] = {
        "input_layer1": cut,
        "conv1": 5.0,
        "maxpool1": cut,
        OUTPUT: handed_on(5.0),
    }
    found = inspect(noise, model=build_model(layers))
    assert only(found, "range-saturates") == expected("error", "input_layer1")


def test_new_samples_of_the_same_kind_rarely_seem_clipped() -> None:
    """Ranges from 64 samples, judged on 64 others: how many lie outside at either end."""
    random = np.random.default_rng(1)
    trials = 20_000
    values = random.standard_normal((trials, 128))
    low, high = values[:, :64].min(axis=1), values[:, :64].max(axis=1)
    new = values[:, 64:]
    outside = ((new < low[:, None]) | (new > high[:, None])).sum(axis=1)
    limit = count_by_chance(64, NoiseInspector.CALIBRATION_SAMPLES, NoiseInspector.CHANCE)
    assert 0 < (outside > limit).mean() < 1.5e-3
    assert (outside > 0).mean() > 0.5  # without the rule most sets would seem clipped
