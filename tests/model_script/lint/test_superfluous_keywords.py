"""Keywords in front of arguments that the compiler knows by their place."""

from __future__ import annotations

import pytest

from tests.house.evidence import loud, quiet
from utils.model_script.lint import lint_problems

NORMALIZATION = "n1 = normalization([0, 0], [1, 1])"
ACTIVATION = "change_output_activation(conv1, sigmoid)"


@quiet("script-unknown-argument")
@pytest.mark.parametrize(
    "text",
    [
        NORMALIZATION,
        ACTIVATION,
        "l1 = logits_layer(conv1, softmax, axis=1)",
        "c1 = input_conversion(bgr_to_rgb, emulator_support=True)",
        'nms_postprocess("a.json", meta_arch=ssd)',
    ],
)
def test_keywords_that_the_compiler_knows(text: str) -> None:
    assert lint_problems(text) == ()


@loud("script-unknown-argument")
@pytest.mark.parametrize(
    ("text", "severity", "column", "suggestion"),
    [
        (
            'nms_postprocess(meta_arch=ssd, config_path="a.json")',
            "error",
            32,
            'nms_postprocess("a.json", meta_arch=ssd)',
        ),
        ("n1 = normalization(mean=[0, 0], std=[1, 1])", "warning", 20, NORMALIZATION),
        ("n1 = normalization([0, 0], std=[1, 1])", "warning", 28, NORMALIZATION),
        # The order of keywords is free, that of places is not.
        ("n1 = normalization(std=[1, 1], mean=[0, 0])", "warning", 20, NORMALIZATION),
        ("change_output_activation(activation=sigmoid, layer=conv1)", "warning", 26, ACTIVATION),
        ("change_output_activation(activation=sigmoid, conv1)", "warning", 26, ACTIVATION),
        (
            "c1 = input_conversion(conversion=bgr_to_rgb, emulator_support=True)",
            "warning",
            23,
            "c1 = input_conversion(bgr_to_rgb, emulator_support=True)",
        ),
    ],
)
def test_keywords_of_what_goes_by_its_place(
    text: str, severity: str, column: int, suggestion: str
) -> None:
    (problem,) = lint_problems(text)
    assert (problem.id, problem.severity.label) == ("script-unknown-argument", severity)
    assert (problem.column, problem.suggestion) == (column, suggestion)
    assert lint_problems(suggestion) == ()
