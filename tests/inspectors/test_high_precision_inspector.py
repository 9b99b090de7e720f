from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from inspectors.high_precision_inspector import HighPrecisionInspector, sixteen_bit_mode
from tests.builders import build_context, build_layer, build_model
from tests.har.samples import QUANTIZED, sample_model
from utils.findings import Finding
from utils.har.quantization import parse_precision_mode

USUAL = (
    30.0,
    31.0,
    32.0,
    33.0,
    34.0,
    35.0,
    36.0,
)  # quartiles with one more far below: 30.75, 34.25


def inspect(
    snr: Mapping[str, Any],
    types: Mapping[str, str] | None = None,
    modes: Mapping[str, str] | None = None,
    key: str = "snr",
    **metadata: Any,
) -> list[Finding]:
    layers = [
        build_layer("input_layer1"),
        *(
            build_layer(
                name, type=(types or {}).get(name, ""), mode=(modes or {}).get(name, "a8_w8_a8")
            )
            for name in snr
            if name not in ("input_layer1", "output_layer1")
        ),
        build_layer("output_layer1"),
    ]
    analysis = {f"{name}/layer_noise_analysis/{key}": value for name, value in snr.items()}
    model = build_model(layers, analysis=analysis, **metadata)
    return list(HighPrecisionInspector().inspect(build_context(model)))


def row(*values: float) -> dict[str, float]:
    return {f"conv{n}": value for n, value in enumerate(values, start=1)}


def summary(found: Sequence[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in found]


def commands(found: Finding) -> tuple[str, ...]:
    return found.recommendation.commands if found.recommendation else ()


@pytest.mark.parametrize(
    "snr",
    [
        row(10.01, 11.0, 25.0),
        row(*USUAL, 25.6),  # the fence is at 30.75 - 1.5 * 3.5 = 25.5
        row(*USUAL[:6], 12.0),  # 7 layers: too few to call one of them an outlier
        row(*[40.0] * 8, 37.1),  # no spread at all, but less than twice the noise
        row(np.inf, -np.inf, 25.0),
        {**row(25.0), "input_layer1": 2.0, "output_layer1": 3.0},
        {**row(*USUAL, 30.5), "nms1": 1.0, "argmax1": 0.0},
    ],
    ids=[
        "above 10 dB",
        "within the fence",
        "too few layers",
        "too small a gap",
        "infinite",
        "inputs and outputs",
        "nms and argmax",
    ],
)
def test_quiet(snr: dict[str, float]) -> None:
    assert inspect(snr) == []


@pytest.mark.parametrize(
    ("snr", "expected"),
    [
        (row(10.0, 25.0), [("low-snr", ("net/conv1",))]),
        (row(-3.0, 25.0, 9.9), [("low-snr", ("net/conv1", "net/conv3"))]),
        (row(*USUAL, 25.4), [("low-snr-outlier", ("net/conv8",))]),
        (row(*[40.0] * 8, 36.9), [("low-snr-outlier", ("net/conv9",))]),
        (row(9.0, *USUAL), [("low-snr", ("net/conv1",))]),
        (
            row(9.0, *USUAL, *USUAL, 18.0),
            [("low-snr", ("net/conv1",)), ("low-snr-outlier", ("net/conv16",))],
        ),
    ],
)
def test_loud(snr: dict[str, float], expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert summary(inspect(snr)) == [(id, "warning", layers) for id, layers in expected]


@pytest.mark.parametrize("key", ["snr", "partial_snr"])
@pytest.mark.parametrize("value", [4.0, [4.0], [12.0, 4.0], [[np.nan, 4.0]]])
def test_both_analyses_of_any_shape_are_read(key: str, value: Any) -> None:
    (found,) = inspect({"conv1": value, "conv2": 20.0}, key=key)
    assert found.measured == {"net/conv1": 4.0}


def test_the_worst_layer_is_named_first() -> None:
    (found,) = inspect(row(8.0, 3.0))
    assert found.message.index("net/conv2 (3.0 dB)") < found.message.index("net/conv1 (8.0 dB)")


@pytest.mark.parametrize(
    ("snr", "metadata", "level_is_blamed"),
    [
        ({}, {}, True),
        ({}, {"mo_flavor": {"optimization_level": 2, "compression_level": 0}}, False),
        ({}, {"mo_flavor": None}, False),
        (row(np.nan, np.nan), {}, True),
    ],
)
def test_noise_not_analysed(
    snr: dict[str, float], metadata: dict[str, Any], level_is_blamed: bool
) -> None:
    (found,) = inspect(snr, **metadata)
    assert summary([found]) == [("noise-not-analysed", "info", ())]
    assert "hailo analyze-noise model.har --data-path calib.npy" in found.message
    assert ("level 0" in found.message) == level_is_blamed
    assert found.recommendation is None


@pytest.mark.parametrize(
    ("type", "target", "current", "expected"),
    [
        ("conv", "hailo8", "a8_w8_a8", "a16_w16"),
        ("conv", "", "a8_w8_a8", "a16_w16"),
        ("conv", "hailo8", "", "a16_w16"),
        ("conv", "hailo8", "a8_w8_a16", "a16_w16"),
        ("conv", "hailo15h", "a16_w8_a16", "a16_w16"),
        ("conv", "hailo8", "a16_w16_a16", ""),
        ("conv", "hailo8", "a16_w16_a8", ""),  # what follows takes 8 bit
        ("conv", "hailo15l", "a8_w8_a8", "a16_w8"),
        ("dw", "hailo15l", "a8_w4", "a16_w8"),
        ("conv", "hailo15l", "a16_w8_a16", ""),
        ("ew_add", "hailo15l", "a8_w8_a8", "a16_w16"),
        ("matmul", "hailo8", "a8_w8_a8", "a8_w8_a16"),
        ("matmul", "hailo8l", "a8_w8", "a8_w8_a16"),
        ("matmul", "hailo8r", "a8_w8_a16", ""),
        ("matmul", "hailo10h", "a8_w8_a8", ""),
        ("matmul", "", "a8_w8_a8", ""),
        ("softmax", "hailo8", "a8_w8_a8", "a16_w16"),
        ("softmax", "hailo10h", "a8_w8_a8", ""),
        ("maxpool", "hailo8", "a8_w8_a8", ""),
        ("concat", "hailo8", "a8_w8_a8", ""),
    ],
)
def test_only_what_chip_and_layer_accept_is_recommended(
    type: str, target: str, current: str, expected: str
) -> None:
    layer = build_layer("layer", type=type)
    assert sixteen_bit_mode(layer, target, parse_precision_mode(current)) == expected


def test_one_statement_for_each_mode() -> None:
    (found,) = inspect(
        {"conv1": 4.0, "matmul1": 4.0, "conv2": 4.0, "conv3": 4.0},
        modes={"conv3": "a16_w16_a16"},
    )
    assert commands(found) == (
        "quantization_param([net/conv1, net/conv2], precision_mode=a16_w16)",
        "quantization_param([net/matmul1], precision_mode=a8_w8_a16)",
    )


def test_nothing_is_recommended_where_nothing_would_change() -> None:
    (found,) = inspect({"conv1": 4.0}, modes={"conv1": "a16_w16_a16"})
    assert (found.id, found.recommendation) == ("low-snr", None)


@pytest.mark.parametrize(
    ("layer", "target", "mode", "said"),
    [
        ("conv1", "hailo8", "a8_w8_a8", ""),
        ("matmul1", "hailo8", "a8_w8_a8", ""),
        ("conv1", "hailo8", "a16_w16_a16", "conv layers accept on hailo8 already (a16_w16)"),
        ("matmul1", "hailo8", "a8_w8_a16", "accept on hailo8 already (a8_w8_a16)"),
        ("softmax1", "hailo10h", "a8_w8_a8", "softmax layers are kept at 8 bit on hailo10h"),
        ("maxpool1", "hailo8", "a8_w8_a8", "maxpool layers hand on the codes"),
        ("concat1", "hailo8", "a8_w8_a8", "concat layers hand on the codes"),
    ],
)
def test_what_forbids_more_bits_is_told(layer: str, target: str, mode: str, said: str) -> None:
    (found,) = inspect({layer: 4.0}, modes={layer: mode}, hw_arch=target)
    assert bool(found.recommendation) == (not said)
    assert ("no more bits" in found.message) == bool(said)
    assert said in found.message


def test_outliers_get_the_same_recommendation() -> None:
    (found,) = inspect(row(*USUAL, 20.0))
    assert commands(found) == ("quantization_param([net/conv8], precision_mode=a16_w16)",)
    assert found.measured["first_quartile"] == pytest.approx(30.75)
    assert found.measured["third_quartile"] == pytest.approx(34.25)


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_of_level_0_hold_no_analysis(name: str) -> None:
    found = list(HighPrecisionInspector().inspect(build_context(sample_model(name))))
    assert summary(found) == [("noise-not-analysed", "info", ())]
