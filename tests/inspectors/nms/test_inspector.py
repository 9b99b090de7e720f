"""The configuration as a whole, and its thresholds; names, numbers and strides are beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

import inspectors
from inspectors.nms import NmsInspector
from tests.fixtures.builders import build_context, build_model, replaced
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.house.rows import row
from tests.inspectors.nms.detectors import SAMPLES, Sample, judged, told, yolov8
from utils.findings import InspectorResult, NotChecked
from utils.har.model import Model
from utils.side_files.nms_config import NmsConfig


@quiet("nms-classes", "nms-regression", "nms-stride", "nms-names", "nms-threshold")
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_configurations_that_fit_are_passed(sample: Sample) -> None:
    result = judged(sample.model(), sample.values)
    assert told(result) == []
    has_anchors = any("w" in decoder for decoder in sample.values["bbox_decoders"])
    said = ["the sizes of the anchor boxes were not compared, as no graph holds them"]
    assert [missing.reason for missing in result.not_checked] == said * has_anchors


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_script_need_not_name_the_kind_of_head(sample: Sample) -> None:
    assert told(judged(sample.model(script=""), sample.values)) == []


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_hold_no_configuration(name: str) -> None:
    result = inspectors.run(NmsInspector, build_context(sample_model(name)))
    assert str(result.skipped or "").startswith("the archive holds no NMS configuration")
    assert (result.findings, result.crashed) == ((), "")


# Where the configuration comes from.


def with_members(model: Model, unread: tuple[str, ...] = (), **members: Any) -> Model:
    """The model of an archive that holds members named <key>.nms.json."""
    data = {
        f"{key}.nms.json": value if isinstance(value, bytes) else json.dumps(value).encode()
        for key, value in members.items()
    }
    return replace(model, archive=replace(model.archive, nms_configs=data, unread=unread))


def run(model: Model, **facts: Any) -> InspectorResult:
    result = inspectors.run(NmsInspector, build_context(model, **facts))
    assert result.crashed == ""
    return result


def test_a_member_of_the_archive_is_compared() -> None:
    result = run(with_members(yolov8().model(), net=yolov8().changed(classes=80)))
    (finding,) = result.findings
    assert (finding.id, str(finding.location)) == ("nms-classes", "net.nms.json:1:101")


def test_a_file_given_wins_over_the_member() -> None:
    model = with_members(yolov8().model(), net=yolov8().changed(classes=80))
    assert run(model, nms_config=NmsConfig("mine.json", yolov8().values)).findings == ()


def test_of_two_members_the_first_is_compared_and_the_other_named() -> None:
    result = run(with_members(yolov8().model(), a=yolov8().values, b=yolov8().changed(classes=80)))
    assert result.findings == ()
    (missing,) = result.not_checked
    assert missing.reason == "b.nms.json beside a.nms.json: only the first one was compared"
    assert "--nms-config" in missing.remedy


def test_damaged_members_are_passed_over_with_the_reason() -> None:
    model = with_members(yolov8().model(), ("member 'c' is too large",), a=b"{", b=yolov8().values)
    too_large, broken = run(model).not_checked
    assert too_large == NotChecked("member 'c' is too large")
    assert broken.reason.startswith("a.nms.json holds no valid JSON")
    skipped = run(with_members(yolov8().model(), a=b"[]", b=b'{"classes": 3}')).skipped
    assert skipped is not None
    assert "the model script takes nms.json, which the archive does not hold" in skipped.reason
    assert "a.nms.json holds no JSON object" in skipped.reason
    assert "--nms-config" in skipped.remedy


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (None, "the archive holds no NMS configuration"),
        ("", "the archive holds no NMS configuration"),
        ("nms_postprocess(meta_arch=ssd)\n", "the archive holds no NMS configuration"),
        ("nms_postprocess('a/b.json', ssd)\n", "the model script takes a/b.json"),
        ("nms_postprocess(b.json, ssd)\n", "the model script takes b.json"),
    ],
)
def test_without_a_configuration_it_says_how_to_pass_one(script: str | None, named: str) -> None:
    skipped = run(build_model(script=script)).skipped
    assert skipped is not None
    assert skipped.reason.startswith(named)
    assert "--nms-config" in str(skipped)
    assert bool(skipped.remedy) is ("the model script takes" in named)


@pytest.mark.parametrize(("threshold", "ids"), [(0.2, []), (0.3, ["nms-threshold"])])
def test_a_script_without_a_file_is_judged_by_what_it_sets(
    threshold: float, ids: list[str]
) -> None:
    script = f"\nnms_postprocess(meta_arch=yolov8, engine=cpu, nms_scores_th={threshold})\n"
    result = run(build_model(script=script, model_script="net.alls"))
    assert [finding.id for finding in result.findings] == ids
    assert all(str(finding.location) == "net.alls:2:1" for finding in result.findings)
    assert all(finding.remedy.startswith("Write nms_scores_th=0.2") for finding in result.findings)
    assert "lists no bbox_decoders" in result.not_checked[0].reason


# Thresholds.


@quiet("nms-threshold")
@pytest.mark.parametrize(
    "values",
    [
        {"nms_scores_th": 0},
        {"nms_scores_th": 0.2},
        {"nms_scores_th": "high"},
        {"nms_scores_th": True},
        {"nms_iou_th": 1.0},
        {"nms_iou_th": 0.01},
        {"max_proposals_per_class": 20},
        {"max_proposals_per_class": None},
    ],
)
def test_usual_thresholds_are_passed(values: dict[str, Any]) -> None:
    assert told(judged(yolov8().model(), yolov8().changed(**values))) == []


@loud("nms-threshold")
@pytest.mark.parametrize(
    ("values", "severity", "advice"),
    [
        ({"nms_scores_th": 0.201}, "info", '"nms_scores_th": 0.2'),
        ({"nms_scores_th": 0.999}, "info", '"nms_scores_th": 0.2 or less'),
        ({"nms_scores_th": 1}, "error", '"nms_scores_th": 0.2'),
        ({"nms_scores_th": 25}, "error", '"nms_scores_th": 0.2'),
        ({"nms_scores_th": -0.1}, "error", '"nms_scores_th": 0.2'),
        ({"nms_iou_th": 0}, "warning", '"nms_iou_th": 0.6'),
        ({"nms_iou_th": 60}, "warning", '"nms_iou_th": 0.6'),
        ({"max_proposals_per_class": 19}, "info", '"max_proposals_per_class": 100'),
        ({"max_proposals_per_class": 0}, "error", '"max_proposals_per_class": 100'),
    ],
)
def test_thresholds_that_cost_objects(values: dict[str, Any], severity: str, advice: str) -> None:
    result = judged(yolov8().model(), yolov8().changed(**values))
    (finding,) = result.findings
    assert (finding.id, finding.severity.label) == ("nms-threshold", severity)
    assert advice in finding.remedy
    (key, value), *_ = values.items()
    assert f'"{key}" of nms.json is {value:g}' in finding.evidence
    assert finding.location is not None


# What cannot be told, and what nobody would write.


def test_several_inputs_or_a_resize_leave_the_image_size_open() -> None:
    sample = yolov8()
    wrong = sample.changed(image_dims=[64, 64])
    for model in (
        sample.model(script="resize(input_layer1, [64, 64])\n"),
        sample.model(script="c = input_conversion(input_layer1, nv12_to_rgb)\n"),
    ):
        result = judged(model, wrong)
        assert told(result) == []
        assert result.not_checked[0].reason.startswith("image_dims was not compared")


HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    1e300,
    2**70,
    float("nan"),
    float("inf"),
    "",
    "x",
    [],
    [[]],
    {},
    [{}],
    [None],
]


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_values_of_any_kind_are_survived(sample: Sample) -> None:
    for key, value in product(sample.values, HOSTILE):
        with row(key, value):
            judged(sample.model(), {**sample.values, key: value})
    for key, value in product(sample.values["bbox_decoders"][0], HOSTILE):
        values = sample.changed()
        values["bbox_decoders"][0][key] = value
        with row("bbox_decoders", key, value):
            judged(sample.model(), values)


def test_graphs_without_shapes_or_outputs_are_survived() -> None:
    sample = yolov8()
    judged(build_model(), sample.values)
    shapeless = [replaced(layer, output_shapes=()) for layer in sample.model().network]
    model = sample.model()
    network = type(model.network)("net", [replaced(la, input_shapes=()) for la in shapeless])
    judged(replace(model, float_network=network), sample.values)
