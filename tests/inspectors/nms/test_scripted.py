"""What a script says of the NMS without a configuration file."""

from __future__ import annotations

import pytest

import inspectors
from inspectors.nms import NmsInspector
from tests.fixtures.builders import build_context
from tests.house.evidence import loud, quiet
from tests.inspectors.nms.detectors import Sample, nanodet, told, yolov5, yolov6, yolov8, yolox
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import InspectorResult


def run(sample: Sample, line: str) -> InspectorResult:
    model = sample.model(script=f"set_seed(seed=1)\nnms_postprocess({line})\n")
    result = inspectors.run(NmsInspector, build_context(model))
    assert result.crashed == ""
    for finding in result.findings:
        assert_well_worded(finding)
    return result


@quiet("nms-decoders", "nms-classes")
@pytest.mark.parametrize(
    ("sample", "line"),
    [
        (yolov8(), "meta_arch=yolov8, engine=cpu, classes=3"),
        (yolov8(), "meta_arch=yolov8"),
        (yolov5(), "meta_arch=yolov5, classes=3"),
        (yolov5(), "meta_arch=yolov7, classes=3"),
        (yolov6(), "meta_arch=yolov6, engine=nn_core, classes=3"),
        (yolox(), "meta_arch=yolox, engine=cpu, classes=3"),
        (yolov8(), "meta_arch=ssd, classes=80"),
        (yolov8(), "meta_arch=centernet"),
        (nanodet(1), '"nms.json", meta_arch=yolov8, classes=1'),  # 45 channels, also 3 times 15
    ],
)
def test_a_line_that_fits_the_heads(sample: Sample, line: str) -> None:
    assert told(run(sample, line)) == []


@loud("nms-classes")
@pytest.mark.parametrize("sample", [yolov8(), yolov5(), yolox()])
def test_classes_of_another_network(sample: Sample) -> None:
    (finding,) = run(sample, f"meta_arch={sample.meta_arch}, classes=80, nms_iou_th=0.6").findings
    assert (finding.id, finding.severity.label) == ("nms-classes", "error")
    line = f"nms_postprocess(meta_arch={sample.meta_arch}, classes=3, nms_iou_th=0.6)"
    assert f"`{line}`" in finding.remedy
    assert told(run(sample, line.partition("(")[2][:-1])) == []


@loud("nms-decoders")
def test_a_file_that_the_archive_does_not_hold_hides_no_other_architecture() -> None:
    result = run(yolov8(), '"nms.json", meta_arch=yolov5')
    (finding,) = result.findings
    assert finding.id == "nms-decoders"
    assert '`nms_postprocess("nms.json", meta_arch=yolov8, engine=cpu)`' in finding.remedy
    assert ["--nms-config" in str(reason) for reason in result.not_checked] == [True]
    assert run(yolov8(), '"nms.json", meta_arch=yolov8').findings == ()


@loud("nms-decoders")
@pytest.mark.parametrize(
    ("sample", "meta_arch"),
    [(yolov8(), "yolov5"), (yolov5(), "yolov8"), (yolov6(), "yolov8"), (yolox(), "yolov6")],
)
def test_the_architecture_of_another_network(sample: Sample, meta_arch: str) -> None:
    (finding,) = run(sample, f"meta_arch={meta_arch}, classes=3").findings
    assert (finding.id, finding.severity.label) == ("nms-decoders", "error")
    line = finding.remedy.split("`")[1]
    assert f"meta_arch={sample.meta_arch}" in line
    assert told(run(sample, line.partition("(")[2][:-1])) == []
