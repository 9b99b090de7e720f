"""The list of decoders as a whole."""

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
    yolov6,
    yolov8,
    yolox,
)

ENTRIES = ", ".join(
    f'{{"name": "bbox_decoder_conv{s}_reg", "stride": {s}, "reg_layer": "conv{s}_reg", '
    f'"cls_layer": "conv{s}_cls"}}'
    for s in (8, 16, 32)
)


@quiet("nms-decoders")
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_lists_that_fit(sample: Sample) -> None:
    assert told(judged(sample.model(), sample.values)) == []


@loud("nms-decoders")
@pytest.mark.parametrize("entries", [None, [], "x", [1]])
def test_without_a_list_the_entries_are_written_out(entries: Any) -> None:
    sample = yolov8()
    values = {**sample.values, "reg_layers": ["conv8_reg"], "bbox_decoders": entries}
    (finding,) = judged(sample.model(), values).findings
    assert (finding.id, finding.severity.label) == ("nms-decoders", "error")
    assert finding.quotation == "KeyError: 'bbox_decoders'"
    written = f'"classes": 3, "regression_length": 16, "bbox_decoders": [{ENTRIES}]'
    assert finding.remedy == f"Write `{written}` into nms.json."


def test_bins_that_are_left_over_go_with_the_list() -> None:
    sample = yolov6()
    values = {**sample.values, "regression_length": 16, "bbox_decoders": []}
    (finding,) = judged(sample.model(), values).findings
    assert finding.remedy.startswith('Delete "regression_length" from nms.json, and write `')


@loud("nms-decoders")
@pytest.mark.parametrize(
    ("sample", "says"),
    [
        (yolov5(), "conv8_encoded, conv16_encoded and conv32_encoded as"),
        (yolox(), '"objectness_layer": "conv8_objectness"'),
        (ssd(), "names conv0_reg, conv0_cls, conv1_reg and conv1_cls"),
    ],
    ids=["yolov5", "yolox", "ssd"],
)
def test_without_a_list_the_layers_are_named(sample: Sample, says: str) -> None:
    result = judged(sample.model(), sample.changed(bbox_decoders=None))
    finding = next(f for f in result.findings if f.id == "nms-decoders")
    assert says in finding.remedy


@loud("nms-decoders")
@pytest.mark.parametrize(
    ("network", "file", "says"),
    [
        (yolov8(), yolov5(), f'"bbox_decoders": [{ENTRIES}]` into nms.json, and `nms_postprocess'),
        (yolov6(), yolov5(), "meta_arch=yolov6, engine=nn_core)` into the model script"),
        (yolov5(), yolov8(), 'as "encoded_layer" of one decoder each in "bbox_decoders"'),
        (yolox(), yolov8(), '"objectness_layer": "conv8_objectness"'),
        (yolov8(), yolox(), "meta_arch=yolov8, engine=cpu)` into the model script"),
    ],
)
def test_a_file_of_another_version_of_yolo(network: Sample, file: Sample, says: str) -> None:
    model = Sample(network.heads, file.values, file.meta_arch).model()
    (finding,) = judged(model, file.values).findings
    assert (finding.id, finding.severity.label) == ("nms-decoders", "error")
    assert says in finding.remedy


@loud("nms-decoders")
@pytest.mark.parametrize(
    ("meta_arch", "values", "lacking", "meant"),
    [
        ("yolov5", yolov8(), "encoded_layer", "yolov8"),
        ("yolov8", yolov5(), "cls_layer and reg_layer or combined_layer", "yolov5"),
        ("ssd", yolov8(), "w and h", "yolov8"),
        ("centernet", yolov6(), "cls_layer and reg_layer_h and reg_layer_w", "yolov6"),
        ("yolov5", nanodet(), "encoded_layer", ""),
    ],
)
def test_a_file_for_another_kind_of_head_than_the_script(
    meta_arch: str, values: Sample, lacking: str, meant: str
) -> None:
    model = Sample(values.heads, values.values, meta_arch).model()
    (finding,) = judged(model, values.values).findings
    assert (finding.id, finding.severity.label) == ("nms-decoders", "error")
    assert f"meta_arch={meta_arch} needs {lacking}," in finding.evidence
    assert (f"meta_arch={meant}, engine=" in finding.remedy) is bool(meant)


def test_the_meta_arch_may_stand_behind_the_file() -> None:
    model = yolov8().model(script='nms_postprocess("nms.json", YOLOV5, nms_scores_th=0.1)\n')
    (finding,) = judged(model, yolov8().values).findings
    assert "meta_arch=yolov5" in finding.evidence
    line = 'nms_postprocess("nms.json", meta_arch=yolov8, engine=cpu, nms_scores_th=0.1)'
    assert finding.remedy == f"Write `{line}` into the model script."


# Scales.


@quiet("nms-decoders")
@pytest.mark.parametrize("channels", [32, 3, 64])
def test_an_output_of_something_else_is_in_no_decoder(channels: int) -> None:
    """A mask beside the boxes, or one of two layers that would make a scale."""
    sample = yolov8()
    mask = build_layer("conv4_mask", "conv", inputs=["conv1"], shape=(80, 160, channels))
    output = build_layer("output_layer9", inputs=["conv4_mask"], shape=(80, 160, channels))
    assert told(judged(sample.model(mask, output), sample.values)) == []


@loud("nms-decoders")
@pytest.mark.parametrize("sample", [yolov8(), yolov6(), yolox(), nanodet(), yolov5()])
def test_a_scale_in_no_decoder(sample: Sample) -> None:
    values = sample.changed()
    (lost,) = values["bbox_decoders"][:1]
    del values["bbox_decoders"][0]
    (finding,) = judged(sample.model(), values).findings
    assert (finding.id, finding.severity.label) == ("nms-decoders", "warning")
    layers = [value for key, value in lost.items() if key.endswith("layer")]
    assert {name.removeprefix("net/") for name in finding.layers} == set(layers)
    assert finding.remedy.startswith('Add `{"name": "bbox_decoder_conv8_')
    assert '"stride": 8' in finding.remedy
    assert ("of the training" in finding.remedy) is ("w" in lost)


def test_a_decoder_for_which_there_is_no_scale() -> None:
    sample = yolov8()
    values = sample.changed()
    values["bbox_decoders"].append(
        {"name": "d64", "stride": 64, "reg_layer": "conv91", "cls_layer": "conv94"}
    )
    (finding,) = judged(sample.model(), values).findings
    assert (finding.id, finding.severity.label) == ("nms-names", "error")
    assert finding.remedy == 'Delete d64 from "bbox_decoders" of nms.json.'
