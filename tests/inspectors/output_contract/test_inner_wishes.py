from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import build_layer, chain
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import context_of, judged
from utils.findings import Finding, Location
from utils.har.network import Layer

LEFT_OUT = "sixteen-bit-left-out"


def inner(conv1: str = "a8_w8_a8", second: str = "conv2", mode: str = "a8_w8_a8") -> list[Layer]:
    return chain(
        build_layer("input_layer1"),
        build_layer("conv1", mode=conv1),
        build_layer(second, mode=mode),
        build_layer("conv3", mode="a8_w8_a8"),
        build_layer("output_layer1", mode="a8_w8_a8"),
    )


def found_in(layers: list[Layer], script: str, **facts: Any) -> list[Finding]:
    return [f for f in judged(context_of(layers, script, **facts)) if f.id == LEFT_OUT]


@quiet("sixteen-bit-left-out")
@pytest.mark.parametrize(
    ("layers", "script"),
    [
        (inner(), "quantization_param([conv1, conv2], precision_mode=a8_w8)"),
        (inner("a16_w16_a16"), "quantization_param([conv1], precision_mode=a16_w16)"),
        # What is behind a layer decides about the width of its output.
        (inner("a16_w16_a8"), "quantization_param([conv1], precision_mode=a16_w16)"),
        (inner("a8_w8_a16"), "quantization_param([conv1], precision_mode=a8_w8_a16)"),
        (
            inner(second="maxpool1", mode="a16_w8_a16"),  # has no weights
            "quantization_param([maxpool1], precision_mode=a16_w16)",
        ),
        (inner(second="concat1"), "quantization_param([concat1], precision_mode=a16_w16)"),
        (inner(), "quantization_param({input_layer*}, precision_mode=a16_w16)"),
        (inner(""), "quantization_param([conv1], precision_mode=a16_w16)"),
        (inner(), "quantization_param([conv1], precision_mode=native)"),
        (
            inner(),
            "quantization_param({conv*}, precision_mode=a16_w16)\n"
            "quantization_param([conv1, conv2, conv3], precision_mode=a8_w8)",
        ),
    ],
)
def test_layers_that_have_the_bits_that_are_asked_for(layers: list[Layer], script: str) -> None:
    assert found_in(layers, script) == []


@quiet("sixteen-bit-left-out")
def test_what_feeds_an_output_is_told_with_the_output() -> None:
    script = "quantization_param([conv3], precision_mode=a16_w16)"
    assert [f.id for f in judged(context_of(inner(), script))] == ["sixteen-bit-not-applied"]


@loud("sixteen-bit-left-out")
@pytest.mark.parametrize(
    ("script", "severity", "layers"),
    [
        ("quantization_param([conv2], precision_mode=a16_w16)", "warning", ["conv2"]),
        ("quantization_param(conv2, precision_mode=a8_w8_a16)", "warning", ["conv2"]),
        (
            "quantization_param([conv1, conv2], precision_mode=a16_w16)",
            "warning",
            ["conv1", "conv2"],
        ),
        ("quantization_param({conv[12]}, precision_mode=a16_w16)", "info", ["conv1", "conv2"]),
        (
            "quantization_param({conv[12]}, precision_mode=a16_w16)\n"
            "quantization_param([conv2], precision_mode=a16_w16)",
            "warning",
            ["conv1", "conv2"],
        ),
    ],
)
def test_layers_at_8_bit_against_the_script(script: str, severity: str, layers: list[str]) -> None:
    (found,) = found_in(inner(), script)
    assert found.severity.label == severity
    assert found.layers == tuple(f"net/{name}" for name in layers)
    line = script.count("\n") + 1
    assert found.location == Location("model script", line, 1)
    assert f"line {line} of the model script asks for a" in found.evidence
    assert "the archive has a8_w8_a8" in found.evidence
    assert bool(found.remedy) == (severity == "warning")


@loud("sixteen-bit-left-out")
def test_bits_that_are_missing_at_the_weights_count_where_there_are_weights() -> None:
    script = "quantization_param([conv1], precision_mode=a16_w16)"
    (found,) = found_in(inner("a16_w8_a16"), script)
    assert "asks for a16_w16, the archive has a16_w8_a16" in found.evidence


@loud("sixteen-bit-left-out")
def test_what_the_layer_does_not_take_is_said() -> None:
    script = "quantization_param([matmul1], precision_mode=a16_w16)"
    (found,) = found_in(inner(second="matmul1"), script)
    assert found.severity.label == "info"
    assert "matmul layers take no more than a8_w8_a16" in found.evidence
