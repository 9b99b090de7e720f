from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context, build_measurements
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import (
    CHANNELS,
    Summary,
    expected,
    findings,
    kernel,
    model_of,
    some,
    summary,
)
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.measurements.agreement import AgreementMeasurements


@quiet("weights-not-finite", "weights-shrunk", "coarse-channels", "dead-channels")
@quiet("weight-outliers")
@pytest.mark.parametrize("mode", ["a8_w8_a8", "a8_w4_a8", "a16_w16_a16", ""])
@pytest.mark.parametrize("high", [None, 1.0])
def test_sound_weights_are_quiet(mode: str, high: float | None) -> None:
    codes = {"a8_w4_a8": kernel(7), "a16_w16_a16": kernel(32000, np.int16)}.get(mode)
    model = model_of(codes, mode=mode, zero_point=16384 if "16" in mode else 0, high=high)
    assert findings(model) == []
    assert list(WeightsInspector().not_checked(build_context(model))) == []


@quiet("weights-shrunk")
@loud("weights-shrunk")
@pytest.mark.parametrize(
    ("mode", "delta", "severity"),
    [
        ("a8_w8_a8", None, ""),
        ("a8_w8_a8", 0.0, ""),
        ("a8_w8_a8", 0.09, ""),
        ("a8_w8_a8", 0.11, "info"),
        ("a8_w8_a8", 0.49, "info"),
        ("a8_w8_a8", 0.51, "warning"),
        ("", 0.51, "warning"),
        ("a8_w4_a8", 0.51, "warning"),
        ("a16_w8_a16", 0.51, "warning"),
        ("a16_w16_a16", 0.09, ""),
        ("a16_w16_a16", 0.92, "info"),
        ("a8_w8_a8", np.nan, ""),
        ("a8_w8_a8", np.inf, ""),
    ],
)
def test_weights_shrunk(mode: str, delta: float | None, severity: str) -> None:
    codes = {"a8_w4_a8": kernel(7), "a16_w16_a16": kernel(16000, np.int16)}.get(mode)
    found = [f for f in findings(model_of(codes, mode=mode, delta=delta)) if "shrunk" in f.id]
    assert summary(found) == expected("weights-shrunk", severity)
    for finding in found:
        said = "No shifts available for layer net/conv1/conv_op, using max shift instead. delta=0."
        assert finding.quotation.startswith(said)
        assert finding.evidence == f"net/conv1 (/a/Conv) by {delta:.2f} bits"
        assert bool(finding.remedy) == (severity == "warning")


@quiet("coarse-channels")
@loud("coarse-channels")
@pytest.mark.parametrize(
    ("mode", "count", "largest", "severity"),
    [
        ("a8_w8_a8", 2, 7, ""),
        ("a8_w8_a8", 3, 8, ""),
        ("a8_w8_a8", 3, 7, "warning"),
        ("a8_w8_a8", 3, -7, "warning"),
        ("a8_w8_a8", 3, 0, "warning"),  # rounded to 0, though the channel fires
        ("a8_w4_a8", 3, 2, ""),
        ("a8_w4_a8", 3, 1, "warning"),
        ("a16_w16_a16", 3, 128, ""),
        ("a16_w16_a16", 3, 127, "warning"),
    ],
)
def test_coarse_channels(mode: str, count: int, largest: int, severity: str) -> None:
    widest = {"a8_w4_a8": 7, "a16_w16_a16": 16000}.get(mode, 127)
    zero = 16384 if mode.startswith("a16") else 0
    codes = kernel(some(count, largest, widest), np.int16)
    model = model_of((codes + zero).astype(np.int16), mode=mode, zero_point=zero, high=1.0)
    found = findings(model)
    assert summary(found) == expected("coarse-channels", severity)
    if severity:
        assert found[0].measured == {"net/conv1": 0.15}
        assert "3 of 20 channels (15%) of net/conv1 (/a/Conv)" in found[0].evidence


@quiet("coarse-channels", "dead-channels")
@pytest.mark.parametrize(
    ("codes", "floats", "high"),
    [
        (7, 0.003, None),
        (0, 0.0, None),  # training left no weights
        (0, 0.003, None),  # or less than rounding would
        (7, 1.0, 0.003),  # never leaves one code of the layer
        (0, 0.003, 0.0),
    ],
)
def test_channels_that_say_nothing_do_not_count(
    codes: float, floats: float, high: float | None
) -> None:
    seen = None if high is None else some(10, high, 1.0)
    model = model_of(kernel(some(10, codes)), kernel(some(10, floats, 1.0), np.float32), high=seen)
    assert findings(model) == []
    model = model_of(kernel(some(10, codes)), kernel(some(10, floats, 1.0), np.float32), high=1.0)
    assert summary(findings(model)) == expected("coarse-channels", "warning" if floats else "")


@quiet("dead-channels")
@loud("dead-channels")
@pytest.mark.parametrize(
    ("type", "count", "integer", "severity"),
    [
        ("conv", 2, 0, ""),
        ("conv", 3, 0, "warning"),
        ("conv", 8, 0, "warning"),
        ("conv", 9, 0, "error"),
        ("conv", 9, 50, "info"),
        ("conv", 2, 50, ""),
        ("deconv", 9, 0, "error"),
    ],
)
def test_dead_channels(type: str, count: int, integer: int, severity: str) -> None:
    model = model_of(kernel(some(count, integer)), type=type, high=some(count, 0, 1))
    found = findings(model)
    assert summary(found) == expected("dead-channels", severity)
    for finding in found:
        assert finding.measured == {"net/conv1": count / CHANNELS}
        assert ("hardly exercised" in finding.why) == (severity == "error")
        assert ("weights were kept" in finding.headline) == (severity == "info")
        assert bool(finding.remedy) == (severity != "info")


@quiet("coarse-channels")
def test_what_a_fused_addition_puts_out_says_nothing_about_weights() -> None:
    codes, floats = kernel(some(10, 0)), kernel(some(10, 0.003, 1.0), np.float32)
    assert len(findings(model_of(codes, floats, high=1.0))) == 1
    assert findings(model_of(codes, floats, high=1.0, elementwise_add=True)) == []


@quiet("dead-channels")
def test_negative_outputs_are_no_sleep_without_a_rectifier() -> None:
    assert findings(model_of(type="dense", activation="linear", high=-1.0)) == []


@pytest.mark.parametrize(
    ("type", "shape", "axis"), [("dw", (3, 3, 20, 1), 2), ("dense", (40, 20), 1)]
)
@loud("dead-channels")
def test_channels_are_found_in_kernels_of_every_layout(
    type: str, shape: tuple[int, ...], axis: int
) -> None:
    codes = np.full(shape, 100, np.int8)
    np.moveaxis(codes, axis, 0)[:10] = 0
    found = findings(model_of(codes, np.ones(shape, np.float32), type=type, high=some(10, 0, 1)))
    assert summary(found) == expected("dead-channels", "error")


@pytest.mark.parametrize(
    ("shape", "known"),
    [((3, 3, 8, 20), True), ((3, 3, 20, 8), True), ((3, 3, 20, 20), False), ((3, 3, 4, 5), False)],
)
def test_the_axis_of_a_deconv_is_not_guessed(shape: tuple[int, ...], known: bool) -> None:
    model = model_of(np.full(shape, 1, np.int8), np.ones(shape, np.float32), type="deconv")
    assert summary(findings(model)) == expected("coarse-channels", "warning" if known else "")
    said = list(WeightsInspector().not_checked(build_context(model)))
    assert [("which axis" in text, "net/conv1" in text) for text in said] == [(True, True)] * (
        not known
    )


@quiet("weight-outliers")
@loud("weight-outliers")
@pytest.mark.parametrize(
    ("size", "usual", "ratio", "severity"),
    [
        (2000, 15, 8.5, "info"),
        (2000, 16, 7.9, ""),
        (1999, 15, 8.5, ""),
        (2000, 0, 0.0, ""),
    ],
)
def test_weight_outliers(size: int, usual: int, ratio: float, severity: str) -> None:
    codes = np.full((size, 1), usual, np.int8)
    codes[0] = 127
    found = findings(model_of(codes, np.ones((size, 1), np.float32), type="dense"))
    assert summary(found) == expected("weight-outliers", severity)
    for finding in found:
        assert finding.measured["net/conv1"] == pytest.approx(ratio, abs=0.1)


@pytest.mark.parametrize("size", [2000, 2001, 3000, 4999])
def test_weight_outliers_are_those_of_the_percentile(size: int) -> None:
    """Few large weights in the midst of others: counting them must not hide what it would tell."""
    for large in range(1, 8):
        codes = np.random.default_rng(large).integers(-14, 15, (size, 1)).astype(np.int8)
        codes[:large] = 127
        usual = np.percentile(np.abs(codes).astype(float), WeightsInspector.OUTLIER_PERCENTILE)
        found = findings(model_of(codes, np.ones((size, 1), np.float32), type="dense"))
        assert [each.measured["net/conv1"] for each in found if each.id == "weight-outliers"] == (
            [127 / usual] if 127 / usual > WeightsInspector.OUTLIER_RATIO else []
        )


REAL: dict[str, Summary] = {
    "ids_mlp_logits_randomcalib_q8": [
        ("weights-shrunk", "warning", ("fc1",)),
        ("dead-channels", "error", ("conv1", "conv2")),
    ],
    "ids_mlp_logits_realcalib_q8": [],
    "ids_mlp_sigmoid_compiled": [
        ("weights-shrunk", "warning", ("fc1",)),
        ("dead-channels", "error", ("conv1", "conv2")),
    ],
    "jet_cnn_q8": [("dead-channels", "info", ("fc1",))],
    "jet_cnn_q16": [
        ("weights-shrunk", "info", ("conv2", "fc2")),
        ("dead-channels", "info", ("fc1",)),
    ],
    "jet_cnn_wide_q8": [("dead-channels", "info", ("fc1",))],
}


@quiet("weights-not-finite", "coarse-channels", "weight-outliers", "dead-channels")
@loud("dead-channels", "weights-shrunk")
@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives(name: str) -> None:
    """Random calibration left 65 + 57 channels dead, real flows 9 of 128, which is no finding."""
    model = sample_model(name)
    found = [
        (f.id, f.severity.label, tuple(layer.rpartition("/")[2] for layer in f.layers))
        for f in findings(model)
    ]
    assert found == REAL[name]
    assert list(WeightsInspector().not_checked(build_context(model))) == []


@pytest.mark.parametrize(("wrong", "severity"), [(0, "info"), (100, "warning")])
def test_weights_that_cost_no_decision_are_worth_knowing_only(wrong: int, severity: str) -> None:
    model = model_of(delta=0.92)
    floats = values(200, 1, 5)
    chip = floats.copy()
    chip[:wrong] = -chip[:wrong]
    output = agreeing(batch_of(floats, coded(chip), range(200)), "classes")
    (name,) = (layer.name for layer in model.network.output_layers)
    measured = replace(build_measurements(), agreement=AgreementMeasurements({name: output}))
    found = list(WeightsInspector().inspect(build_context(model, measured)))
    assert [f.severity.label for f in found if f.id == "weights-shrunk"] == [severity]


def test_what_was_looked_at_ahead_is_judged_alike() -> None:
    codes, floats = kernel(some(6, 3.0)), kernel(dtype=np.float32)
    expected_findings = findings(model_of(codes, floats=floats))
    model = model_of(codes, floats=floats)
    WeightsInspector.look_ahead(model)
    assert findings(model) == expected_findings != []
