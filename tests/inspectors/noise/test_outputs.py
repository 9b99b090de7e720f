from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.noise import NoiseInspector
from inspectors.noise.outputs import NumberKind, number_kind
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_model,
    build_network,
    build_noise,
    build_noise_measurements,
    build_statistics,
    scoped,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    CLEAN,
    OUTPUT,
    expected,
    inspect,
    network,
    noise_of,
    only,
    the,
    two_outputs,
)
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding
from utils.har.network import Layer, Network
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.noise import LayerNoise


@quiet("output-snr-low")
@loud("output-snr-low")
@pytest.mark.parametrize(
    ("activation", "snr", "severity"),
    [
        ("sigmoid", 25.0, ""),
        ("sigmoid", 24.9, "info"),
        ("sigmoid", 20.0, "info"),
        ("sigmoid", 19.9, "warning"),
        ("sigmoid", 10.0, "warning"),
        ("sigmoid", 9.9, "error"),
        ("sigmoid", -20.0, "error"),
        ("relu", 25.0, ""),
        ("relu", 24.9, "info"),
        ("linear", 30.0, ""),
        ("linear", 29.9, "info"),
        ("linear", 20.0, "info"),
        ("linear", 19.9, "warning"),
        ("linear", 9.9, "error"),
        ("tanh", 30.0, ""),
        ("tanh", 29.9, "warning"),
        ("tanh", 19.9, "warning"),
        ("tanh", 9.9, "error"),
        ("linear", math.inf, ""),
    ],
)
def test_output_snr_low(activation: str, snr: float, severity: str) -> None:
    model = build_model(network(activation=activation))
    found = inspect({"conv3": snr}, model=model)
    assert only(found, "output-snr-low") == expected(severity, OUTPUT)
    for f in found:
        if f.id == "output-snr-low":
            assert f.measured == {scoped(OUTPUT): pytest.approx(snr)}
            assert f.recommendation is None


@pytest.mark.parametrize(
    ("activation", "snr", "said"),
    [
        ("linear", 27.0, "enough for classes, but a regression or an embedding needs 30 dB"),
        ("tanh", 27.0, "a regression or an embedding needs 30 dB"),
        ("linear", 22.0, ""),
        ("sigmoid", 22.0, ""),
    ],
)
def test_the_evidence_says_what_is_wanted(activation: str, snr: float, said: str) -> None:
    layers = network(activation=activation, original_names=["/head/Gemm"])
    found = the(inspect({"conv3": snr}, model=build_model(layers)), "output-snr-low")
    feeder = "net/output_layer1, fed by net/conv3 (/head/Gemm)"
    assert found.evidence.startswith(f"{feeder}: SNR {snr:.1f} dB, typical error ")
    assert said in found.evidence
    assert ("needs" in found.evidence) == bool(said)


def held(low: float | Sequence[float], high: float | Sequence[float]) -> LayerMeasurement:
    return LayerMeasurement(build_statistics(low, high))


Pixels = list[list[float]]


def outputs_of(
    floats: NDArray[np.float32],
    chip: NDArray[np.uint8],
    snr: float,
    samples: SampleDigests | None = None,
    **layers: LayerMeasurement,
) -> list[Finding]:
    """What is found of an output of a step of 0.05, behind an input of a step of 0.01."""
    output = agreeing(batch_of(floats, chip, range(len(floats))))
    steps = {"input_layer1": 0.01, OUTPUT: 0.05}
    arrays = {}
    for name, step in steps.items():
        arrays[f"{name}/layer_params/output_scales"] = np.array([step])
        arrays[f"{name}/limvals_out"] = np.array([0.0, 255 * step])
    measured = build_noise_measurements(noise_of({"conv3": snr}), len(floats), None, **layers)
    agreement = AgreementMeasurements({scoped(OUTPUT): output})
    context = build_context(
        build_model(network(activation="sigmoid"), quantized=arrays),
        replace(measured, agreement=agreement),
        samples=samples,
    )
    return list(NoiseInspector().inspect(context))


@loud("output-constant")
@quiet("output-constant")
@pytest.mark.parametrize(
    ("first", "last", "snr", "samples", "said"),
    [
        ([[1.0]], [[1.0]], math.inf, 64, "net/output_layer1 is 1 in all 64 samples"),
        ([[1.0]], [[1.0 + 1e-7]], 60.0, 64, "net/output_layer1 is 1 in all 64 samples"),
        ([[0.25]], [[0.25]], 60.0, 2, "net/output_layer1 is 0.25 in all 2 samples"),
        ([[0, 1, 2]], [[0, 1, 2]], 60.0, 64, "every channel of net/output_layer1 holds one"),
        ([[1], [2]], [[1], [2]], 60.0, 64, "net/output_layer1 holds the same map in all 64"),
        ([[0.0]], [[0.0]], -math.inf, 64, "net/output_layer1 is 0 in all 64 samples"),
        ([[0.0]], [[0.0]], -math.inf, 1, ""),
        ([[1.0]], [[1.0]], 60.0, 1, ""),
        ([[0, 1, 2]], [[0, 1, 2.1]], 60.0, 64, ""),
        ([[1.0]], [[1.0 + 1e-5]], 60.0, 64, ""),
        ([[1], [2]], [[2], [1]], 60.0, 64, ""),  # what moves has the same mean
    ],
)
def test_an_output_that_is_the_same_for_all_samples_proves_nothing(
    first: Pixels, last: Pixels, snr: float, samples: int, said: str
) -> None:
    floats = np.linspace(first, last, samples, dtype=np.float32)
    for data, severity in ((held(0.0, 1.0), "error"), (held(0.0, 1e-3), "warning")):
        found = outputs_of(floats, coded(floats), snr, input_layer1=data)
        assert only(found, "output-snr-low") == []
        assert only(found, "output-constant") == expected(severity if said else "", OUTPUT)
        if said:
            judged = the(found, "output-constant")
            assert judged.measured == {scoped(OUTPUT): pytest.approx(snr)}
            assert judged.evidence.startswith(said)
            assert ("although the data differ" in judged.headline) == (severity == "error")
            assert_well_worded(judged)


def test_copies_of_one_sample_do_not_differ_whatever_is_in_it() -> None:
    floats = np.ones((8, 1, 1), np.float32)
    for first_equal, severity in ((np.arange(8), "error"), (np.zeros(8, np.int64), "warning")):
        digests = SampleDigests(8, first_equal, {})
        found = outputs_of(
            floats, coded(floats), 60.0, samples=digests, input_layer1=held(0.0, 1.0)
        )
        assert only(found, "output-constant") == expected(severity, OUTPUT)


@pytest.mark.parametrize(
    ("width", "codes", "severity"), [(0.2, 128, "error"), (0.04, 128, ""), (0.2, None, "")]
)
def test_an_output_that_the_chip_alone_keeps_constant(
    width: float, codes: int | None, severity: str
) -> None:
    floats = np.linspace(0, width, 64, dtype=np.float32).reshape(64, 1, 1)
    chip = coded(floats) if codes is None else np.full((64, 1, 1), codes, np.uint8)
    found = outputs_of(floats, chip, 15.0)
    assert only(found, "output-constant") == expected(severity, OUTPUT)
    for judged in found if severity else ():
        if judged.id == "output-constant":
            assert "has one code in all 64 samples, in float it spans 0 to 0.2" in judged.evidence
            assert_well_worded(judged)


def test_what_the_chip_makes_of_one_value_can_be_wrong_all_the_same() -> None:
    floats = np.ones((64, 1, 1), np.float32)
    found = outputs_of(floats, coded(floats), 5.0)
    assert only(found, "output-snr-low") == expected("error", OUTPUT)
    assert "differs strongly" in the(found, "output-snr-low").headline
    assert only(found, "output-constant") == expected("warning", OUTPUT)


@pytest.mark.parametrize(
    ("activation", "rms", "severity"),
    [
        ("sigmoid", 0.0124, "info"),  # at 10 dB an rms error of 0.0039, and 1 / 255 is 0.00392
        ("sigmoid", 0.0125, "warning"),
        ("relu", 0.0124, "warning"),
        ("linear", 0.0124, "warning"),
    ],
)
def test_a_probability_may_be_off_by_less_than_a_code(
    activation: str, rms: float, severity: str
) -> None:
    model = build_model(network(activation=activation))
    layers = dict.fromkeys(CLEAN, 10.0) | {"conv3": build_layer_noise(10.0, rms=rms, bias_share=1)}
    found = inspect(layers, model=model, sensitivity={"conv1": 11.0, "conv2": 30.0})
    assert only(found, "output-snr-low") == expected(severity, OUTPUT)
    assert ("8-bit step of a probability" in found[0].evidence) == (severity == "info")
    causes = {f.id for f in found} - {"output-snr-low"}
    assert causes == (set() if severity == "info" else {"noise-concentrated", "error-is-bias"})


def test_one_finding_for_each_severity_the_worst_output_first() -> None:
    model = two_outputs("sigmoid", "sigmoid", "sigmoid")
    layers = {"output_layer1": 18.0, "output_layer2": 8.0, "output_layer3": 12.0}
    found = [f for f in inspect(layers, model=model) if f.id == "output-snr-low"]
    assert only(found, "output-snr-low") == [
        ("error", ("net/output_layer2",)),
        ("warning", ("net/output_layer1", "net/output_layer3")),
    ]
    assert found[1].evidence.index("output_layer3") < found[1].evidence.index("output_layer1")


@pytest.mark.parametrize(
    ("type", "snr", "reason"),
    [
        ("nms", 1.0, "an SNR says nothing about what nms selects"),
        ("argmax", 1.0, "argmax"),
        ("postprocess", None, "postprocess"),
        ("conv", None, "depends on conv2, which was not run"),
        ("conv", math.nan, "was not measured"),
    ],
)
def test_outputs_that_cannot_be_judged_are_named_as_such(
    type: str, snr: float | None, reason: str
) -> None:
    model = build_model(network(type=type))
    layers = {name: 40.0 for name in CLEAN if name != "conv3"}
    unmeasured = {}
    if snr is None:
        unmeasured = {OUTPUT: "depends on conv2, which was not run"}
    else:
        layers |= {"conv3": snr, OUTPUT: snr}
    noise = build_noise(layers, not_measured=unmeasured)
    context = build_context(model, build_noise_measurements(noise))
    found = list(NoiseInspector().inspect(context))
    assert only(found, "output-snr-low") == expected("info", OUTPUT)
    assert reason in found[0].evidence


def test_judged_and_other_outputs_are_told_apart() -> None:
    model = two_outputs("linear", "linear")
    layers: dict[str, float | LayerNoise] = {"output_layer1": 18.0}
    found = inspect(layers, model=model, not_measured={"output_layer2": "it stops there"})
    assert only(found, "output-snr-low") == [
        ("warning", ("net/output_layer1",)),
        ("info", ("net/output_layer2",)),
    ]
    assert found[1].evidence == "net/output_layer2: it stops there"


def ending(*layers: Layer) -> Network:
    """A network of an input, conv1 and these layers, with an output behind the last."""
    last = layers[-1].name if layers else "conv1"
    front = [build_layer("input_layer1"), build_layer("conv1", inputs=["input_layer1"])]
    return build_network([*front, *layers, build_layer(OUTPUT, inputs=[last])])


def behind(name: str, *inputs: str, **params: Any) -> Layer:
    return build_layer(name, inputs=inputs, **params)


LENGTH = (
    behind("reduce_l21", "conv1", type="reduce_l2"),
    behind("resize1", "reduce_l21", type="shortcut"),
)
ROOT = (
    behind("reduce_sum_square1", "conv1", type="reduce_sum_square"),
    behind("activation1", "reduce_sum_square1", activation="sqrt"),
    behind("resize1", "activation1", method="bilinear"),
)
NORM = behind("layer_normalization1", "conv1")


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ((), NumberKind.LINEAR),
        ([behind("conv2", "conv1", activation="relu")], NumberKind.OTHER),
        ([behind("conv2", "conv1", activation="sigmoid")], NumberKind.PROBABILITY),
        ([behind("softmax1", "conv1")], NumberKind.PROBABILITY),
        ([behind("softmax1", "conv1"), behind("slice1", "softmax1")], NumberKind.PROBABILITY),
        ([behind("softmax1", "conv1"), behind("argmax1", "softmax1")], NumberKind.SELECTION),
        ([behind("conv2", "conv1", activation="tanh")], NumberKind.QUANTITY),
        ([NORM], NumberKind.QUANTITY),
        ([NORM, behind("normalization1", "layer_normalization1")], NumberKind.QUANTITY),
        ([behind("normalization1", "conv1")], NumberKind.LINEAR),
        # A head behind a layer normalization may give logits.
        ([NORM, behind("dense1", "layer_normalization1")], NumberKind.LINEAR),
        ([*LENGTH, behind("ew_div1", "conv1", "resize1")], NumberKind.QUANTITY),
        ([*ROOT, behind("ew_mult1", "conv1", "resize1")], NumberKind.QUANTITY),
        ([behind("conv2", "conv1"), behind("ew_div1", "conv1", "conv2")], NumberKind.LINEAR),
        ([*LENGTH, behind("ew_add1", "conv1", "resize1")], NumberKind.LINEAR),
        (
            [
                behind("conv2", "conv1", activation="sigmoid"),
                behind("conv3", "conv1"),
                behind("concat1", "conv2", "conv3"),
            ],
            NumberKind.LINEAR,
        ),
        (
            [
                behind("conv2", "conv1", activation="sigmoid"),
                behind("conv3", "conv1", activation="sigmoid"),
                behind("concat1", "conv2", "conv3"),
                behind("shortcut1", "concat1"),
            ],
            NumberKind.PROBABILITY,
        ),
    ],
)
def test_what_an_output_stands_for(layers: Sequence[Layer], kind: NumberKind) -> None:
    network = ending(*layers)
    assert number_kind(network, network[scoped(OUTPUT)]) is kind
