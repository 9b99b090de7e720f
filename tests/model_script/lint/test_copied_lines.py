"""Lines of what a script was copied out of."""

from __future__ import annotations

import pytest

from tests.house.evidence import loud
from utils.model_script.lint import lint_problems


@loud("script-syntax")
@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("```text", "Delete the line."),
        ("~~~", "Delete the line."),
        ('"""', "Delete the line."),
        ("cat > model.alls <<EOF", "Delete the line."),
        ("hailo optimize model.har --model-script x.alls", "Delete the line."),
        ("%%writefile model.alls", "Delete the line."),
        ("<<<<<<< HEAD", "Keep the lines of one version, and delete the three lines with marks."),
        ("set_seed(${SEED})", "Write the value in its place."),
        ("set_seed(<seed>)", "Write the value in its place."),
        ("set_seed({{ seed }})", "Write the value in its place."),
        ("set_seed(%(seed)d)", "Write the value in its place."),
    ],
)
def test_what_surrounds_or_fills_a_script_that_was_copied(line: str, advice: str) -> None:
    (problem,) = lint_problems(f"set_seed(seed=1)\n{line}\n")
    assert (problem.id, problem.severity.label, problem.line) == ("script-syntax", "error", 2)
    assert problem.remedy == advice


@loud("script-syntax")
@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("n1 = normalization([0] * 2, [255]*2)", "n1 = normalization([0, 0], [255, 255])"),
        ("3 set_seed(seed=1)", "set_seed(seed=1)"),
        (">>> set_seed(seed=1)", "set_seed(seed=1)"),
        ("+set_seed(seed=1)", "set_seed(seed=1)"),
        ("set_seed(1); set_seed(1)", "set_seed(1)\nset_seed(1)"),
        ("set_seed(\\\n seed=1)", "set_seed(seed=1)"),
        ("['set_seed(1)\\n', 'set_seed(1)\\n'],", "set_seed(1)\nset_seed(1)"),
        ("n1 = normalization((0, 0), (1, 1))", "n1 = normalization([0, 0], [1, 1])"),
        ("n1 = normalization([0.5*255], [1])", "n1 = normalization([127.5], [1])"),
        (
            "quantization_param([c1, fc*], bias_mode=a)",
            "quantization_param({c1, fc*}, bias_mode=a)",
        ),
        ("quantization_param(n/fc*, bias_mode=a)", "quantization_param({n/fc*}, bias_mode=a)"),
        ("quantization_param({{fc*}}, bias_mode=a)", "quantization_param({fc*}, bias_mode=a)"),
        (
            "pre_quantization_optimization(equalization(layers={*}), policy=enabled)",
            "",
        ),
        (
            "pre_quantization_optimization(equalization(layers={*}, policy=enabled))",
            "pre_quantization_optimization(equalization, layers={*}, policy=enabled)",
        ),
        ("optimization_level = 2", "model_optimization_flavor(optimization_level=2)"),
        ("policy=enabled", ""),
        ('nms_postprocess("x.json, ssd)', 'nms_postprocess("x.json", ssd)'),
    ],
)
def test_the_statement_in_such_a_line(text: str, suggestion: str) -> None:
    problem = lint_problems(text)[0]
    assert (problem.id, problem.severity.label) == ("script-syntax", "error")
    assert problem.suggestion == suggestion
    assert "script-syntax" not in [each.id for each in lint_problems(suggestion)]


@pytest.mark.parametrize(
    ("text", "short_id", "suggestion"),
    [
        ("n1 = normalize([0], [255])", "unknown-command", "n1 = normalization([0], [255])"),
        (
            "finetune(policy=disabled)",
            "unknown-command",
            "post_quantization_optimization(finetune, policy=disabled)",
        ),
        (
            "optimization_level(2)",
            "unknown-command",
            "model_optimization_flavor(optimization_level=2)",
        ),
        (
            'model_optimization_flavor(optimization_level="2")',
            "bad-value",
            "model_optimization_flavor(optimization_level=2)",
        ),
        (
            "n1 = normalization(0, 0, 255, 255)",
            "bad-value",
            "n1 = normalization([0, 0], [255, 255])",
        ),
    ],
)
@loud("script-unknown-command", "script-bad-value")
def test_what_other_tools_would_take(text: str, short_id: str, suggestion: str) -> None:
    (problem,) = lint_problems(text)
    assert (problem.id, problem.severity.label) == (f"script-{short_id}", "error")
    assert problem.suggestion == suggestion
    assert lint_problems(suggestion) == ()


def test_no_name_is_put_in_front_of_what_is_no_target() -> None:
    (problem,) = lint_problems("let n1 = normalization([0], [255])")
    assert problem.suggestion == ""
