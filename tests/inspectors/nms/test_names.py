"""Names of layers and keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import build_layer
from tests.house.evidence import loud, quiet
from tests.inspectors.nms.detectors import (
    SAMPLES,
    Sample,
    judged,
    nanodet,
    ssd,
    told,
    yolov5,
    yolov8,
    yolox,
)
from utils.facts.nms_configs import LAYER_KEYS


def emptied(sample: Sample) -> dict[str, Any]:
    values = sample.changed()
    for decoder in values["bbox_decoders"]:
        decoder.update({key: "" for key in decoder if key in LAYER_KEYS})
    return values


@quiet("nms-names")
@pytest.mark.parametrize("name", ["conv8_reg", "net/conv8_reg", " conv8_reg "])
def test_names_with_and_without_scope(name: str) -> None:
    assert told(judged(yolov8().model(), yolov8().changed(0, reg_layer=name))) == []


@quiet("nms-names")
@pytest.mark.parametrize("end", ["activation1", "shortcut1", "postprocess1", "concat1"])
def test_heads_may_end_in_what_the_compiler_added(end: str) -> None:
    """The head has another shape at the output, or the NMS of the archive behind it."""
    sample = Sample({"conv8_cls": (40, 80, 3)}, yolov8().values, "yolov8")
    behind = build_layer(end, inputs=["conv8_reg"], shape=(40, 80, 64), activation="sigmoid")
    head = build_layer("conv8_reg", inputs=["conv1"], shape=(40, 80, 64))
    output = build_layer("output_layer9", inputs=[end], shape=(40, 80, 64))
    values = sample.changed()
    del values["bbox_decoders"][1:]
    assert told(judged(sample.model(head, behind, output), values)) == []


@loud("nms-names")
@pytest.mark.parametrize(
    ("key", "written", "wrong", "answer", "meant"),
    [
        ("reg_layer", "conv99", "conv99 does not exist", "conv99 doesn't exist", "conv8_reg"),
        ("cls_layer", "conv99", "conv99 does not exist", "conv99 doesn't exist", "conv8_cls"),
        ("reg_layer", "/head/x", "/head/x does not exist", "doesn't exist in the HN", "conv8_reg"),
        ("reg_layer", "conv1", "feeds no output", "doesn't have one output layer", "conv8_reg"),
        ("reg_layer", "conv8_cls", "has 3 channels and not 64", "", "conv8_reg"),
        ("cls_layer", "conv8_reg", "has 64 channels and not 3", "", "conv8_cls"),
    ],
)
def test_a_name_that_cannot_be_meant(
    key: str, written: str, wrong: str, answer: str, meant: str
) -> None:
    result = judged(yolov8().model(), yolov8().changed(0, **{key: written}))
    (finding,) = result.findings
    assert (finding.id, finding.severity.label) == ("nms-names", "error")
    assert wrong in finding.evidence
    assert answer in finding.quotation
    assert bool(answer) is bool(finding.quotation)
    assert finding.remedy == f'Write "{key}": "{meant}" in decoder_8 of nms.json.'
    assert finding.location is not None


def test_a_name_is_told_by_its_likeness_where_the_channels_do_not_tell() -> None:
    sample = yolov8(classes=64)  # as many channels as the boxes have
    result = judged(sample.model(), sample.changed(0, reg_layer="/head/conv8_reg/Conv"))
    assert '"reg_layer": "conv8_reg"' in result.findings[0].remedy


def test_an_objectness_layer_has_one_channel() -> None:
    result = judged(yolox().model(), yolox().changed(0, objectness_layer="conv8_cls"))
    assert told(result) == [("nms-names", "error", ("conv8_cls",))]
    assert '"objectness_layer": "conv8_objectness"' in result.findings[0].remedy


def test_outputs_are_listed_where_nothing_tells_which_is_meant() -> None:
    sample = yolov8(classes=64)
    result = judged(sample.model(), sample.changed(0, reg_layer="x", cls_layer="y"))
    assert "layers that compute outputs: net/conv8_reg (/head/conv8_reg/Conv) 40x80x64" in (
        result.findings[0].remedy
    )


@pytest.mark.parametrize(
    "sample",
    [yolov8(), yolox(), nanodet(), yolov5(), ssd()],
    ids=["yolov8", "yolox", "nanodet", "yolov5", "ssd"],
)
def test_empty_names_that_the_compiler_finds_are_an_info(sample: Sample) -> None:
    assert told(judged(sample.model(), emptied(sample))) == [("nms-names", "info", ())]


@loud("nms-names")
def test_empty_names_that_cannot_be_inferred() -> None:
    sample = yolov8(classes=64)
    result = judged(sample.model(), emptied(sample))
    assert told(result) == [("nms-names", "warning", ())]
    assert result.findings[0].quotation == "Cannot infer bbox conv layers automatically"


def test_empty_names_and_classes_of_another_network() -> None:
    result = judged(yolov8().model(), {**emptied(yolov8()), "classes": 80})
    names, classes = result.findings
    assert (names.id, names.severity.label) == ("nms-names", "warning")
    assert '"cls_layer": "conv8_cls" in decoder_8' in names.remedy
    assert (classes.id, classes.severity.label) == ("nms-classes", "error")
    assert classes.remedy == 'Write "classes": 3 in nms.json.'


@quiet("nms-names")
@pytest.mark.parametrize("key", ["comment", "labels", "nms_scores_threshold_of_mine_only"])
def test_keys_of_ones_own_are_nobodys_business(key: str) -> None:
    assert told(judged(yolov8().model(), yolov8().changed(**{key: 1}))) == []
    assert told(judged(yolov8().model(), yolov8().changed(0, **{key: 1}))) == []


@loud("nms-names")
@pytest.mark.parametrize(
    ("decoder", "slip", "meant"),
    [
        (None, "nms_score_th", "nms_scores_th"),
        (None, "max_proposal_per_class", "max_proposals_per_class"),
        (None, "image_dim", "image_dims"),
        (1, "strides", "stride"),
    ],
)
def test_a_misspelt_key(decoder: int | None, slip: str, meant: str) -> None:
    values = yolov8().changed(decoder, **{slip: 1, meant: None})
    (finding,) = judged(yolov8().model(), values).findings
    assert (finding.id, finding.severity.label) == ("nms-names", "warning")
    assert f'"{slip}" in nms.json' in finding.evidence
    assert finding.remedy == f'Write "{meant}" in nms.json, if that is meant.'
    assert finding.location is not None


def test_all_kinds_of_heads_are_found_again_by_their_shapes() -> None:
    for name, sample in SAMPLES.items():
        if name in ("centernet",):  # width and height look alike
            continue
        values = sample.changed()
        for decoder in values["bbox_decoders"]:
            decoder.update({key: f"old_{decoder[key]}" for key in decoder if key in LAYER_KEYS})
        (finding,) = judged(sample.model(), values).findings
        assert finding.id == "nms-names"
        for decoder in sample.values["bbox_decoders"]:
            for key in LAYER_KEYS:
                if key in decoder:
                    assert f'"{key}": "{decoder[key]}"' in finding.remedy, name
