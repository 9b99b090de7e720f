"""Lines against the chip."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network
from tests.house.evidence import loud, quiet
from utils.har.network import Network
from utils.model_script.lint import lint_problems

WIDE = "precision_mode=a16_w16"


def residual(blocks: int = 3) -> Network:
    """Two convolutions a block, whose result is added to what entered."""
    layers = [build_layer("input_layer1"), build_layer("conv0", inputs=["input_layer1"])]
    source = "conv0"
    for block in range(1, blocks + 1):
        layers.append(build_layer(f"conv{block}", inputs=[source]))
        layers.append(build_layer(f"dw{block}", inputs=[f"conv{block}"]))
        layers.append(build_layer(f"ew_add{block}", "ew_add", inputs=[source, f"dw{block}"]))
        source = f"ew_add{block}"
    layers.append(build_layer("output_layer1", inputs=[source]))
    return build_network(layers)


@quiet("script-conflict")
@pytest.mark.parametrize(
    ("lines", "chip"),
    [
        (f"quantization_param({{*conv*}}, {WIDE})\nquantization_param({{*dw*}}, {WIDE})", ""),
        (
            f"quantization_param({{*conv*}}, {WIDE})\nquantization_param({{*dw*}}, {WIDE})",
            "hailo10h",
        ),
        (f"quantization_param({{*}}, {WIDE})", "hailo8"),
        (f"quantization_param({{conv*, dw*, ew_add*}}, {WIDE})", "hailo8"),
        (f"quantization_param([dw3, conv3], {WIDE})", "hailo8l"),
        ("quantization_param({conv*, dw*}, precision_mode=a8_w4)", "hailo8"),
    ],
)
def test_chains_that_are_whole_or_not_meant(lines: str, chip: str) -> None:
    assert lint_problems(lines, residual(), chip=chip) == ()


@loud("script-conflict")
@pytest.mark.parametrize("chip", ["hailo8", "hailo8l"])
def test_sums_at_8_bit_between_layers_at_16(chip: str) -> None:
    lines = f"quantization_param({{*conv*}}, {WIDE})\nquantization_param({{*dw*}}, {WIDE})"
    (problem,) = lint_problems(lines, residual(), chip=chip)
    assert (problem.id, problem.severity.label, problem.line) == ("script-conflict", "warning", 2)
    assert "7 of 7 layers with weights, not net/ew_add1, net/ew_add2 and net/ew_add3" in (
        problem.evidence
    )


@quiet("script-unknown-argument")
@pytest.mark.parametrize("chip", ["", "hailo10h", "hailo15h"])
def test_words_of_newer_chips_are_nobodys_business_there(chip: str) -> None:
    line = "model_optimization_config(calibration, batch_size=1, use_saitama=True)"
    assert lint_problems(line, chip=chip) == ()


@loud("script-unknown-argument")
@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("model_optimization_config(calibration, batch_size=1, use_saitama=True)", 54),
        ("set_kv_cache_global_params(96, 1024)", 1),
        ("pre_quantization_optimization(quarot, block=32)", 31),
    ],
)
def test_words_of_newer_chips_in_a_script_for_hailo_8(line: str, column: int) -> None:
    (problem,) = lint_problems(line, chip="hailo8")
    found = (problem.id, problem.severity.label, problem.column)
    assert found == ("script-unknown-argument", "info", column)
