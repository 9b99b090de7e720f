from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from inspectors.concatenated_outputs_inspector import ConcatenatedOutputsInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_statistics,
    chain,
    scoped,
    stored_statistics,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.har.network import Layer
from utils.measurements import LayerMeasurement, Measurements

Range = tuple[float, float]


def ranges(**limits: Range) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name, (low, high) in limits.items():
        arrays |= stored_statistics(f"{name}/stats/output_0", build_statistics(low, high))
    return arrays


def two_heads(*behind: Layer, mode: str = "a8_w8_a8") -> list[Layer]:
    """A trunk, two heads, a concat of both, and what follows it up to the output."""
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["conv1"], original_names=["/box/Conv", "/box/Relu"]),
        build_layer("conv3", inputs=["conv1"], original_names=["/score/Conv"]),
        build_layer("concat1", inputs=["conv2", "conv3"], mode=mode, original_names=["/Concat"]),
        *chain(build_layer("concat1"), *behind, build_layer("output_layer1"))[1:],
    ]


def inspect(
    layers: Sequence[Layer],
    limits: Mapping[str, Range] | None = None,
    measured: Mapping[str, Range] | None = None,
) -> list[Finding]:
    model = build_model(layers, optimized=ranges(**(limits or {})))
    measurements = Measurements(
        64,
        {
            scoped(name): LayerMeasurement(build_statistics(low, high))
            for name, (low, high) in (measured or {}).items()
        },
    )
    return list(
        ConcatenatedOutputsInspector().inspect(
            build_context(model, measurements if measured else None)
        )
    )


def concat_of(*names: str) -> list[Layer]:
    return [
        build_layer("input_layer1"),
        *(build_layer(name, inputs=["input_layer1"]) for name in sorted(set(names))),
        build_layer("concat1", inputs=names),
        build_layer("output_layer1", inputs=["concat1"]),
    ]


@quiet("concatenated-output")
@pytest.mark.parametrize(
    "layers",
    [
        chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1")),
        two_heads(build_layer("conv4")),
        two_heads(build_layer("softmax1")),
        two_heads(build_layer("activation1", activation="sigmoid")),
        two_heads(build_layer("resize1", method="bilinear")),
        concat_of("conv1"),
        concat_of("conv1", "conv1"),
    ],
    ids=["no concat", "conv", "softmax", "sigmoid", "bilinear", "one input", "one tensor twice"],
)
def test_quiet(layers: list[Layer]) -> None:
    assert inspect(layers, {"conv1": (0, 640), "conv2": (0, 640), "conv3": (0, 1)}) == []


@loud("concatenated-output")
@pytest.mark.parametrize(
    ("boxes", "scores", "severity", "ratio"),
    [
        ((0, 1), (0, 1), "info", 1.0),
        ((0, 7.9), (0, 1), "info", 7.9),
        ((0, 8), (0, 1), "warning", 8.0),
        ((0, 1), (0, 8), "warning", 8.0),
        ((-4, 4), (0, 1), "warning", 8.0),
        ((0.5, 8), (0.5, 1), "warning", 8.0),  # 0 belongs to every range
        ((0, 63.9), (0, 1), "warning", 63.9),
        ((0, 64), (0, 1), "error", 64.0),
        ((-320, 320), (0, 1), "error", 640.0),
    ],
)
def test_severity_follows_the_ratio_of_the_widths(
    boxes: Range, scores: Range, severity: str, ratio: float
) -> None:
    (found,) = inspect(two_heads(), {"conv2": boxes, "conv3": scores})
    assert (found.id, found.severity.label) == ("concatenated-output", severity)
    assert found.layers == ("net/conv2", "net/conv3", "net/concat1")
    assert found.measured["ratio"] == pytest.approx(ratio, rel=1e-6)
    assert found.measured["codes_of_narrowest"] == pytest.approx(255 / ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("mode", "severity"),
    [("a8_w8_a8", "error"), ("", "error"), ("a8_w8_a16", "info"), ("a16_w16", "info")],
)
def test_16_bit_outputs_have_codes_to_spare(mode: str, severity: str) -> None:
    (found,) = inspect(two_heads(mode=mode), {"conv2": (0, 640), "conv3": (0, 1)})
    assert found.severity.label == severity


@pytest.mark.parametrize(
    ("limits", "severity"),
    [
        ({}, "warning"),
        ({"conv2": (0, 640)}, "warning"),
        ({"conv2": (0, 640), "conv3": (np.nan, np.nan)}, "warning"),
        ({"conv2": (0, np.inf), "conv3": (0, 1)}, "warning"),
    ],
)
def test_unknown_ranges_are_a_warning(limits: dict[str, Range], severity: str) -> None:
    (found,) = inspect(two_heads(), limits)
    assert found.severity.label == severity
    assert "unknown" in found.headline
    assert "is unknown" in found.evidence
    assert "ratio" not in found.measured


def test_a_range_of_0_is_known() -> None:
    (found,) = inspect(two_heads(), {"conv2": (0, 640), "conv3": (0, 0)})
    assert found.severity.label == "warning"
    assert "is unknown" not in found.evidence
    assert "net/conv3 (/score/Conv) never fired in calibration" in found.evidence
    assert found.measured == {"width of net/conv2": 640, "width of net/conv3": 0}


@pytest.mark.parametrize(
    ("scores", "mode", "quiet"),
    [
        (1, "a8_w8_a8", True),
        (7.9, "a8_w8_a8", True),
        (640, "a8_w8_a16", True),
        (8, "a8_w8_a8", False),
    ],
)
def test_an_info_sends_nobody_back_to_the_parser(scores: float, mode: str, quiet: bool) -> None:
    (found,) = inspect(two_heads(mode=mode), {"conv2": (0, 1), "conv3": (0, scores)})
    assert found.asks_for_nothing == quiet
    assert ("end nodes" in found.remedy) == (not quiet)
    assert ("are alike" in found.why) == (scores < 8)
    assert ("too far apart" in found.headline) == (not quiet)


def test_equal_widths_are_told_with_both_names() -> None:
    (found,) = inspect(two_heads(), {"conv2": (0, 1), "conv3": (0, 1)})
    comparison = found.evidence.partition(": ")[2]
    assert "net/conv2" in comparison
    assert "net/conv3" in comparison


def test_other_outputs_are_not_dropped() -> None:
    limits: dict[str, Range] = {"conv2": (0, 640), "conv3": (0, 1)}
    (alone,) = inspect(two_heads(), limits)
    assert "the others" not in alone.remedy
    second = [
        build_layer("concat2", inputs=["conv3", "conv2"]),
        build_layer("output_layer2", inputs=["concat2"]),
    ]
    found = inspect([*two_heads(), *second], limits)
    assert [f.layers[-1] for f in found] == ["net/concat1", "net/concat2"]
    for number, f in enumerate(found, start=1):
        said = f"in place of net/output_layer{number}, together with the end nodes of the others"
        assert said in f.remedy


def test_a_known_ratio_outweighs_an_unknown_range() -> None:
    limits = {"conv1": (0.0, 640.0), "conv2": (0.0, 1.0)}
    (found,) = inspect(concat_of("conv1", "conv2", "conv3"), limits)
    assert found.severity.label == "error"
    assert "net/conv3 is unknown" in found.evidence
    assert "too far apart" in found.headline


def test_measured_ranges_stand_in_for_stored_ones_only() -> None:
    measured = {"conv2": (0.0, 1.0), "conv3": (0.0, 1.0)}
    (found,) = inspect(two_heads(), {}, measured)
    assert (found.severity.label, found.measured["ratio"]) == ("info", 1.0)
    (found,) = inspect(two_heads(), {"conv2": (0.0, 100.0)}, measured)
    assert found.severity.label == "error"


@pytest.mark.parametrize(
    "behind",
    [
        [build_layer("format_conversion1")],
        [build_layer("shortcut1"), build_layer("slice1")],
        [build_layer("activation1", activation="linear")],
    ],
)
def test_an_output_is_followed_through_layers_that_only_pass(behind: list[Layer]) -> None:
    (found,) = inspect(two_heads(*behind), {"conv2": (0, 640), "conv3": (0, 1)})
    assert found.severity.label == "error"


def test_the_last_original_names_are_the_end_nodes() -> None:
    (found,) = inspect(two_heads())
    assert "end nodes /box/Relu and /score/Conv" in found.remedy
    assert "net/concat1 (/Concat)" in found.evidence


def test_nested_concats_are_flattened_and_reshapes_left_behind() -> None:
    layers = [
        build_layer("input_layer1"),
        *(
            build_layer(f"conv{n}", inputs=["input_layer1"], original_names=[f"/{n}"])
            for n in "123"
        ),
        build_layer("format_conversion1", inputs=["conv1"]),
        build_layer("maxpool1", inputs=["conv3"], original_names=["/pool"]),
        build_layer("concat1", inputs=["conv2", "maxpool1"]),
        build_layer("shortcut1", inputs=["concat1"]),
        build_layer("concat2", inputs=["format_conversion1", "shortcut1"]),
        build_layer("output_layer1", inputs=["concat2"]),
    ]
    (found,) = inspect(layers, {"conv1": (0, 64), "conv2": (0, 2), "maxpool1": (0, 1)})
    assert found.layers == ("net/conv1", "net/conv2", "net/maxpool1", "net/concat2")
    assert found.measured["ratio"] == 64
    assert "end nodes /1, /2 and /pool" in found.remedy


def test_one_finding_for_each_concat_whatever_the_number_of_outputs() -> None:
    shared = [
        *two_heads(),
        build_layer("output_layer2", inputs=["concat1"]),
        build_layer("conv4", inputs=["concat1"]),
        build_layer("concat2", inputs=["conv4", "conv2"]),
        build_layer("output_layer3", inputs=["concat2"]),
    ]
    found = inspect(shared)
    assert [f.layers[-1] for f in found] == ["net/concat1", "net/concat2"]
    assert "net/output_layer1 and net/output_layer2" in found[0].evidence


def test_inputs_and_nameless_layers_are_no_end_nodes() -> None:
    layers = [
        build_layer("input_layer1", original_names=["image"]),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("concat1", inputs=["conv1", "input_layer1"]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    (found,) = inspect(layers)
    assert "image" not in found.remedy
    assert "before the concat" in found.remedy


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_have_no_concat(name: str) -> None:
    assert list(ConcatenatedOutputsInspector().inspect(build_context(sample_model(name)))) == []
