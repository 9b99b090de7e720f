"""Classes, background, bins and anchors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house.evidence import loud, quiet
from tests.inspectors.nms.detectors import (
    SAMPLES,
    Sample,
    centernet,
    judged,
    nanodet,
    ssd,
    told,
    yolov5,
    yolov6,
    yolov8,
    yolox,
)

REGRESSION = ("conv8_reg", "conv16_reg", "conv32_reg")
CLASSES = ("conv8_cls", "conv16_cls", "conv32_cls")


@loud("nms-classes")
@pytest.mark.parametrize(
    ("sample", "layers"),
    [
        (yolov8(), CLASSES),
        (yolox(), CLASSES),
        (yolov6(), CLASSES),
        (nanodet(), ("conv8_combined", "conv16_combined", "conv32_combined")),
        (yolov5(), ("conv8_encoded", "conv16_encoded", "conv32_encoded")),
        (yolov5(masks=32), ("conv8_encoded", "conv16_encoded", "conv32_encoded")),
        (ssd(3), ("conv0_cls", "conv1_cls")),
        (centernet(), ("conv30",)),
    ],
    ids=SAMPLES,
)
def test_a_number_of_classes_left_from_another_network(
    sample: Sample, layers: tuple[str, ...]
) -> None:
    result = judged(sample.model(), sample.changed(classes=80))
    assert told(result) == [("nms-classes", "error", layers)]
    (finding,) = result.findings
    assert '"classes" of nms.json is 80, ' in finding.evidence
    assert finding.remedy.startswith('Write "classes": 3 in nms.json')
    assert finding.measured == {"classes": 80, "classes_of_network": 3}
    assert finding.location is not None


@pytest.mark.parametrize("written", [None, "three", 2.5])
def test_a_number_that_is_missing_is_told(written: Any) -> None:
    result = judged(yolov8().model(), yolov8().changed(classes=written))
    given = f"is {written!r} instead of a whole number" in result.findings[0].evidence
    assert given is (written is not None)
    assert told(result) == [("nms-classes", "error", CLASSES)]
    assert "does not say how many classes there are" in result.findings[0].headline


def test_the_background_of_an_ssd_counts() -> None:
    result = judged(ssd(4).model(), ssd(4).changed(classes=3))
    assert told(result)[0][:2] == ("nms-classes", "error")
    assert '"classes": 4 in nms.json, the background being one of them' in result.findings[0].remedy


def test_layers_that_disagree_are_not_forced_into_one_number() -> None:
    sample = yolov8()
    heads = {**sample.heads, "conv16_cls": (20, 40, 5), "conv32_cls": (10, 20, 7)}
    result = judged(Sample(heads, sample.values, "yolov8").model(), sample.values)
    assert told(result) == [("nms-classes", "error", ("conv16_cls", "conv32_cls"))]
    assert "no number of classes fits" in result.findings[0].remedy


@quiet("nms-classes")
@pytest.mark.parametrize(
    ("sample", "values"),
    [
        (yolov8(), {"background_removal": None}),
        (ssd(), {"background_removal_index": 4}),
        (yolov8(), {"background_removal_index": 99}),
    ],
)
def test_a_background_that_fits(sample: Sample, values: dict[str, Any]) -> None:
    assert told(judged(sample.model(), sample.changed(**values))) == []


@loud("nms-classes")
@pytest.mark.parametrize(
    ("sample", "values", "severity", "advice"),
    [
        (yolov8(), {"background_removal": True}, "warning", '"background_removal": false'),
        (ssd(), {"background_removal_index": 5}, "error", '"background_removal_index": 0'),
        (ssd(), {"background_removal_index": -1}, "error", '"background_removal_index": 0'),
        (ssd(), {"background_removal": False}, "warning", '"background_removal": true'),
    ],
)
def test_a_background_that_does_not_fit(
    sample: Sample, values: dict[str, Any], severity: str, advice: str
) -> None:
    (finding,) = judged(sample.model(), sample.changed(**values)).findings
    assert (finding.id, finding.severity.label) == ("nms-classes", severity)
    assert advice in finding.remedy


@quiet("nms-regression")
@pytest.mark.parametrize("bins", [2, 8, 16])
def test_bins_that_fit(bins: int) -> None:
    sample = yolov8(regression_length=bins)
    assert told(judged(sample.model(), sample.values)) == []


@loud("nms-regression")
@pytest.mark.parametrize(("written", "there"), [(16, 8), (8, 16), (15, 16), (1, 16)])
def test_bins_that_do_not_fit(written: int, there: int) -> None:
    sample = yolov8(regression_length=there)
    result = judged(sample.model(), sample.changed(regression_length=written))
    assert told(result) == [("nms-regression", "error", REGRESSION)]
    assert result.findings[0].remedy == f'Write "regression_length": {there} in nms.json.'
    assert f'"regression_length": {written} of nms.json' in result.findings[0].evidence


@quiet("nms-regression")
@pytest.mark.parametrize("sample", [yolov6(), yolox()], ids=["yolov6", "yolox"])
def test_four_numbers_that_are_read_as_such(sample: Sample) -> None:
    assert told(judged(sample.model(), sample.values)) == []


@loud("nms-regression")
@pytest.mark.parametrize("bins", [None, 1, 16])
@pytest.mark.parametrize("script", [None, ""], ids=["yolov8", "no script"])
def test_four_numbers_that_are_read_as_distributions(bins: int | None, script: str | None) -> None:
    """Whatever the number of bins, the mean over the one bin that is there is 0."""
    sample = Sample(yolov6().heads, {**yolov6().values, "regression_length": bins}, "yolov8")
    values = sample.values if bins else yolov6().values
    found = judged(sample.model(script=script), values).findings
    if bins is None and script == "":  # nothing tells how they are read
        assert found == ()
        return
    (finding,) = found
    assert (finding.id, finding.severity.label, len(finding.layers)) == (
        "nms-regression",
        "error",
        3,
    )
    line = '`nms_postprocess("nms.json", meta_arch=yolov6, engine=nn_core)` into the model script'
    deletion = ', and delete "regression_length" from nms.json' if bins else ""
    assert finding.remedy == f"Write {line}{deletion}."
    assert "collapses to a point" in finding.why


@loud("nms-regression")
def test_bins_left_over_from_another_kind_of_head() -> None:
    values = {**yolov6().values, "regression_length": 16}
    (finding,) = judged(yolov6().model(), values).findings
    assert (finding.id, finding.severity.label) == ("nms-regression", "warning")
    assert finding.remedy == 'Delete "regression_length" from nms.json.'
    assert finding.location is not None


@loud("nms-regression")
def test_distributions_that_are_read_as_four_numbers() -> None:
    sample = Sample(yolov8().heads, yolov6().values, "yolov6")
    result = judged(sample.model(), sample.values)
    assert told(result) == [("nms-regression", "error", REGRESSION)]
    line = '`nms_postprocess("nms.json", meta_arch=yolov8, engine=cpu)` into the model script'
    expected = f'Write {line}, and "regression_length": 16 into nms.json.'
    assert result.findings[0].remedy == expected
    other = judged(sample.model(), {**sample.values, "regression_length": 16}).findings
    assert other[0].remedy == f"Write {line}."


def test_without_bins_and_meta_arch_boxes_are_not_judged() -> None:
    result = judged(yolov8().model(), yolov8().changed(regression_length=None))
    assert told(result) == []
    (missing,) = result.not_checked
    assert missing.reason == "the boxes were not compared, as there is no regression_length"


@loud("nms-regression")
@pytest.mark.parametrize(
    ("sample", "anchors", "fitting"), [(ssd(), 2, 3), (ssd(), 4, 3), (yolov5(80), 2, 3)]
)
def test_another_number_of_anchors(sample: Sample, anchors: int, fitting: int) -> None:
    sizes = [0.5] * anchors
    result = judged(sample.model(), sample.changed(0, w=sizes, h=sizes))
    finding = next(f for f in result.findings if f.id == "nms-regression")
    assert finding.severity.label == "error"
    assert f"in nms.json {fitting} numbers each" in finding.remedy
    assert finding.location is not None


def test_widths_without_heights() -> None:
    result = judged(yolov5().model(), yolov5().changed(1, h=[13, 30]))
    assert told(result) == [("nms-regression", "error", ())]
    assert result.findings[0].evidence == "decoder_16 of nms.json lists 3 widths and 2 heights"
