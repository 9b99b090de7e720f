"""Activations for the boxes of a detector."""

from __future__ import annotations

import pytest

from tests.house.evidence import loud, quiet
from tests.inspectors.nms.detectors import Sample, yolov6, yolov8, yolox
from utils.har.network import Network
from utils.model_script.lint import Problem, lint_problems

NMS = 'nms_postprocess("x.json", meta_arch=yolov8, engine=cpu)'


def network(sample: Sample) -> Network:
    return sample.model().float_network


def found(sample: Sample, *lines: str) -> tuple[Problem, ...]:
    graph = network(sample)
    return lint_problems("\n".join(lines), graph, parsed=graph)


@quiet("script-bad-value")
@pytest.mark.parametrize(
    ("sample", "lines"),
    [
        (yolov8(), ["change_output_activation(conv8_cls, sigmoid)", NMS]),
        (yolov8(), ["change_output_activation(conv8_reg, linear)", NMS]),
        # Without names and without a meta_arch, 64 channels may be the scores of 64 classes.
        (yolov8(), ["change_output_activation(conv8_reg, sigmoid)"]),
        (yolox(64), ["change_output_activation(conv8_cls, sigmoid)"]),
        (yolov6(64), ["change_output_activation(conv8_cls, sigmoid)"]),
    ],
)
def test_scores_and_what_may_be_scores(sample: Sample, lines: list[str]) -> None:
    assert found(sample, *lines) == ()


@loud("script-bad-value")
@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (
            "change_output_activation(conv16_reg, sigmoid)",
            "change_output_activation(conv16_cls, sigmoid)",
        ),
        (
            "change_output_activation(sigmoid)",
            "\n".join(f"change_output_activation(conv{s}_cls, sigmoid)" for s in (8, 16, 32)),
        ),
    ],
)
def test_boxes_that_are_distributions(line: str, meant: str) -> None:
    (problem,) = found(yolov8(), line, NMS)
    assert (problem.id, problem.severity.label) == ("script-bad-value", "error")
    assert problem.suggestion == meant
    assert found(yolov8(), meant, NMS) == ()
