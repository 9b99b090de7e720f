"""A corrected line that is to be written has no other mistake in it that is known."""

from __future__ import annotations

import pytest

from utils.model_script.lint import lint_problems

FINETUNE = "post_quantization_optimization(finetune"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        (f"{FINETUNE}, epoch=4)", f"{FINETUNE}, epochs=4)"),
        # What nobody knows stays as it is, and is told by itself.
        (f"{FINETUNE}, epoch=4, bananas=2)", f"{FINETUNE}, epochs=4, bananas=2)"),
        ("finetune()", f"{FINETUNE}, policy=enabled)"),
    ],
)
def test_what_has_one_mistake_is_corrected_once(text: str, suggestion: str) -> None:
    assert lint_problems(text)[0].suggestion == suggestion


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("finetune(lr=0.001)", f"{FINETUNE}, learning_rate=0.001)"),
        ('finetune(lr="0.001", epoch=4)', f"{FINETUNE}, learning_rate=0.001, epochs=4)"),
        (">>> finetune(lr=0.001)", f"{FINETUNE}, learning_rate=0.001)"),
        ("finetune(lr=0.001", f"{FINETUNE}, learning_rate=0.001)"),
        (
            "n = normalize((0, 0, 0), (255, 255, 255))",
            "n = normalization([0, 0, 0], [255, 255, 255])",
        ),
    ],
)
def test_what_has_several_is_corrected_in_one_run(text: str, suggestion: str) -> None:
    assert lint_problems(text)[0].suggestion == suggestion
    assert [each for each in lint_problems(suggestion) if each.id != "script-repeated"] == []


def test_all_problems_of_a_line_have_the_same_line() -> None:
    problems = lint_problems(f"{FINETUNE}, lr=0.001, bs=4)")
    assert len(problems) == 2
    assert {each.suggestion for each in problems} == {
        f"{FINETUNE}, learning_rate=0.001, batch_size=4)"
    }
