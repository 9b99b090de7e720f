"""Strides and image size."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house.evidence import loud, quiet
from tests.inspectors.nms.detectors import Sample, judged, told, yolov5, yolov8
from utils.findings import NotChecked


@quiet("nms-stride")
@pytest.mark.parametrize(
    ("image", "size", "stride"),
    [((320, 640), (40, 80), 8), ((330, 650), (42, 82), 8), ((330, 650), (41, 81), 8)],
    ids=["exact", "padded", "cut"],
)
def test_strides_that_fit(image: tuple[int, int], size: tuple[int, int], stride: int) -> None:
    sample = yolov8()
    heads = {"conv8_reg": (*size, 64), "conv8_cls": (*size, 3)}
    values: dict[str, Any] = sample.changed(0, stride=stride)
    values["image_dims"] = list(image)
    del values["bbox_decoders"][1:]
    model = Sample(heads, values, "yolov8").model(image=(*image, 3))
    assert told(judged(model, values)) == []


@loud("nms-stride")
def test_strides_of_two_scales_mixed_up() -> None:
    values = yolov8().changed(0, stride=32)
    values["bbox_decoders"][2]["stride"] = 8
    result = judged(yolov8().model(), values)
    assert told(result) == [("nms-stride", "error", ("conv8_reg", "conv32_reg"))]
    (finding,) = result.findings
    assert (
        finding.remedy
        == 'Write "stride": 8 in decoder_8 and "stride": 32 in decoder_32 of nms.json.'
    )
    assert "decoder_8 has 32, net/conv8_reg (/head/conv8_reg/Conv) is 40x80" in finding.evidence
    assert finding.measured == {"stride of decoder_8": 8, "stride of decoder_32": 32}
    assert finding.location is not None
    assert finding.location.path == "nms.json"


@pytest.mark.parametrize(("stride", "told_of"), [(8, 0), (8.5, 1), (7, 1), (9, 1), (0, 1), (-8, 1)])
def test_a_stride_near_the_right_one_is_wrong(stride: float, told_of: int) -> None:
    found = told(judged(yolov5().model(), yolov5().changed(0, stride=stride)))
    assert len(found) == told_of
    assert all(entry[:2] == ("nms-stride", "error") for entry in found)


@loud("nms-stride")
@pytest.mark.parametrize(
    ("written", "note"), [([640, 320], " (height first)"), ([416, 416], ""), ([640, 640], "")]
)
def test_an_image_size_of_another_network(written: list[int], note: str) -> None:
    (finding,) = judged(yolov8().model(), yolov8().changed(image_dims=written)).findings
    assert (finding.id, finding.severity.label) == ("nms-stride", "error")
    assert finding.remedy == f'Write "image_dims": [320, 640]{note} in nms.json.'
    assert f"is {written[0]}x{written[1]}, the network takes 320x640" in finding.evidence
    assert finding.layers == ("net/input_layer1",)


@loud("nms-stride")
def test_an_image_size_with_the_channels_in_front() -> None:
    (finding,) = judged(yolov8().model(), yolov8().changed(image_dims=[3, 320, 640])).findings
    assert (finding.id, finding.severity.label) == ("nms-stride", "error")
    assert "is [3, 320, 640], the network takes 320x640" in finding.evidence


@pytest.mark.parametrize("written", [None, [640], [320, 640, 3], ["a", "b"], [0, 640], "640x640"])
def test_an_image_size_that_says_nothing_is_not_judged(written: Any) -> None:
    assert told(judged(yolov8().model(), yolov8().changed(image_dims=written))) == []


def test_flattened_heads_are_not_judged() -> None:
    sample = yolov8()
    heads = {name: (1, shape[0] * shape[1], shape[2]) for name, shape in sample.heads.items()}
    result = judged(Sample(heads, sample.values, "yolov8").model(), sample.values)
    assert told(result) == []
    assert result.not_checked == (
        NotChecked(
            "the stride of decoder_8, decoder_16 and decoder_32 was not compared: "
            "no layer's size shows it"
        ),
    )
