from __future__ import annotations

from tests.fixtures.builders import build_layer, build_model
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.renderers.terminal.script import script_shown
from utils.report import Report
from utils.terminal.shown import Text

MODEL = build_model([build_layer("input_layer1"), build_layer("dw1"), build_layer("conv1")])


def wish(finding_id: str, line: str, proven: bool = False) -> Finding:
    recommendation = Recommendation((line,), proven=proven)
    return Finding(finding_id, Severity.WARNING, "It is low", recommendation=recommendation)


def shown(*findings: Finding) -> list[str]:
    report = Report(MODEL, "embedded", None, None, (InspectorResult("A", findings),))
    return [block.text for block in script_shown(report) if isinstance(block, Text)]


def test_lines_that_agree_are_all_shown() -> None:
    lines = shown(
        wish("a", "quantization_param([net/dw1], precision_mode=a8_w8)"), wish("b", "y(1)")
    )
    assert "quantization_param([net/dw1], precision_mode=a8_w8)" in lines
    assert "y(1)" in lines


def test_of_two_lines_for_one_layer_only_the_stronger_is_shown() -> None:
    weak = wish("compressed", "quantization_param([net/dw1, net/conv1], precision_mode=a8_w8)")
    strong = wish("plan", "quantization_param([net/dw1], precision_mode=a16_w16)", proven=True)
    for findings in ((weak, strong), (strong, weak)):
        lines = [line for line in shown(*findings) if line.startswith("quantization_param")]
        assert sorted(lines) == [
            "quantization_param([net/conv1], precision_mode=a8_w8)",
            "quantization_param([net/dw1], precision_mode=a16_w16)",
        ]
