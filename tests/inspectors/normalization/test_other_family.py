"""Constants of another family on a detector like YOLOv8: quiet first and loud after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.normalization import NormInspector
from tests.fixtures.builders import build_context, build_layer, build_measurements, build_model
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import BY_IMAGENET, DIVIDE, IMAGE, MEAN_ONLY, RAW, UNIT
from tests.inspectors.output_contract.judged import Head, detector
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

BOXES, SCORES = Head(64), Head(3)
SYMMETRIC = "normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])"
BY_256 = "normalization1 = normalization([0, 0, 0], [256, 256, 256])"


def found_with(script: str | None, *groups: Head, data: ChannelStatistics = RAW) -> list[Finding]:
    layers = [
        build_layer("input_layer1", shape=IMAGE) if layer.type == "input_layer" else layer
        for layer in detector(*groups)
    ]
    model = build_model([replace(layer, outputs=()) for layer in layers], script=script)
    measured = build_measurements(64, input_layer1=LayerMeasurement(data))
    found = NormInspector().inspect(build_context(model, measured))
    return [each for each in found if each.id == "normalization-unusual"]


@quiet("normalization-unusual")
@pytest.mark.parametrize(
    ("script", "groups", "data"),
    [
        (DIVIDE, (BOXES, SCORES), RAW),
        (BY_256, (BOXES, SCORES), RAW),
        (None, (BOXES, SCORES), RAW),
        (BY_IMAGENET, (BOXES, SCORES), UNIT),
        (BY_IMAGENET, (Head(60), SCORES), RAW),
        (BY_IMAGENET, (SCORES,), RAW),
    ],
    ids=["divided", "by 256", "not at all", "no pixels", "other boxes", "no boxes"],
)
def test_the_constants_of_a_family_and_those_of_others(
    script: str | None, groups: tuple[Head, ...], data: ChannelStatistics
) -> None:
    assert found_with(script, *groups, data=data) == []


@loud("normalization-unusual")
@pytest.mark.parametrize("script", [BY_IMAGENET, SYMMETRIC, MEAN_ONLY])
def test_a_detector_like_yolov8_with_constants_of_other_networks(script: str) -> None:
    (found,) = found_with(script, BOXES, SCORES)
    assert found.severity is Severity.WARNING
    assert found.commands == (DIVIDE,)
    assert_well_worded(found)
