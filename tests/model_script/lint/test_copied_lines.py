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
        ("<<<<<<< HEAD", "Keep the lines of one version, and delete the three lines with marks."),
        ("set_seed(${SEED})", "Write the value in its place."),
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
        ("3 set_seed(seed=1)", "set_seed(seed=1)"),
        (">>> set_seed(seed=1)", "set_seed(seed=1)"),
        ("+set_seed(seed=1)", "set_seed(seed=1)"),
        ("set_seed(1); set_seed(1)", "set_seed(1)\nset_seed(1)"),
        ("set_seed(\\\n seed=1)", "set_seed(seed=1)"),
        ("['set_seed(1)\\n', 'set_seed(1)\\n'],", "set_seed(1)\nset_seed(1)"),
        ("n1 = normalization((0, 0), (1, 1))", "n1 = normalization([0, 0], [1, 1])"),
        ("n1 = normalization([0.5*255], [1])", "n1 = normalization([127.5], [1])"),
        ('nms_postprocess("x.json, ssd)', 'nms_postprocess("x.json", ssd)'),
    ],
)
def test_the_statement_in_such_a_line(text: str, suggestion: str) -> None:
    problem = lint_problems(text)[0]
    assert (problem.id, problem.severity.label) == ("script-syntax", "error")
    assert problem.suggestion == suggestion
    assert "script-syntax" not in [each.id for each in lint_problems(suggestion)]
