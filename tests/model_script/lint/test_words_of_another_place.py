"""Words that a script has elsewhere, or that stand in another file."""

from __future__ import annotations

import pytest

from tests.house.evidence import loud, quiet
from utils.model_script.lint import lint_problems


@quiet("script-unknown-argument")
@pytest.mark.parametrize(
    "text",
    [
        "quantization_param(finetune1, precision_mode=a8_w8)",
        "quantization_param([finetune, conv1], precision_mode=a8_w8)",
        "post_quantization_optimization(finetune, batch_size=2)",
        "nms_postprocess(meta_arch=yolov5, classes=3, nms_scores_th=0.2, nms_iou_th=0.4)",
        "post_quantization_optimization(bias_correction, use_saitama=True, device=cuda)",
    ],
)
def test_words_in_their_place(text: str) -> None:
    assert lint_problems(text) == ()


@loud("script-unknown-argument")
def test_a_feature_in_the_place_of_a_layer() -> None:
    (problem,) = lint_problems("quantization_param(finetune, batch_size=2)")
    assert (problem.id, problem.severity.label) == ("script-unknown-argument", "error")
    assert problem.headline == "finetune is a feature of post_quantization_optimization"
    assert problem.suggestion == "post_quantization_optimization(finetune, batch_size=2)"


@loud("script-unknown-argument")
@pytest.mark.parametrize("key", ["regression_length=16", "max_proposals_per_class=100"])
def test_a_key_of_the_nms_configuration(key: str) -> None:
    (problem,) = lint_problems(f"nms_postprocess(meta_arch=yolov8, {key})")
    assert (problem.id, problem.severity.label) == ("script-unknown-argument", "info")
    assert "JSON" in problem.why
    assert problem.remedy == "Write it into that file."
