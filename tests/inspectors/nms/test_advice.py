"""Whatever is wrong with a configuration: who does what is advised is told nothing more."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.builders import build_layer, build_model
from tests.house.evidence import quiet
from tests.house.fuzzing import examples
from tests.inspectors.nms.detectors import judged
from utils.facts.nms_configs import LAYER_KEYS
from utils.findings import Finding, InspectorResult, Severity
from utils.har.model import Model
from utils.model_script import parse_model_script

IMAGE = (512, 1024)
ANCHORS = {"w": [10, 16, 33], "h": [13, 30, 23]}
FURTHER = ("conv998", "conv999", "/model.9/Conv", "")  # inside the network, missing, a node, empty


@dataclass(frozen=True)
class Made:
    """A network with heads, and the configuration that fits it.

    Parameters
    ----------
    heads : name of a layer with its stride, its channels and the node it comes from.
    """

    meta_arch: str
    heads: Mapping[str, tuple[int, int, str]]
    values: Mapping[str, Any]

    def model(self, line: str) -> Model:
        layers = [
            build_layer("input_layer1", shape=(*IMAGE, 3)),
            build_layer("conv998", inputs=["input_layer1"], shape=(64, 128, 16)),
        ]
        for index, (name, (stride, channels, node)) in enumerate(self.heads.items(), start=1):
            shape = (IMAGE[0] // stride, IMAGE[1] // stride, channels)
            nodes = [node] if node else []
            layers.append(build_layer(name, inputs=["conv998"], shape=shape, original_names=nodes))
            layers.append(build_layer(f"output_layer{index}", inputs=[name], shape=shape))
        return build_model(layers, script=f"{line}\n")

    @property
    def line(self) -> str:
        return f'nms_postprocess("nms.json", meta_arch={self.meta_arch})'


KEYS: Mapping[str, tuple[str, ...]] = {
    "yolov8": ("reg_layer", "cls_layer"),
    "yolov6": ("reg_layer", "cls_layer"),
    "yolox": ("reg_layer", "objectness_layer", "cls_layer"),
    "yolov5": ("encoded_layer",),
    "nanodet": ("combined_layer",),
    "ssd": ("reg_layer", "cls_layer"),
}
BRANCHES = {"reg_layer": "cv2", "cls_layer": "cv3", "objectness_layer": "obj"}


@st.composite
def detectors(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KEYS)) -> Made:
    kind = draw(st.sampled_from(kinds))
    classes = draw(st.integers(1, 90))
    bins = draw(st.sampled_from([16, 16, 11, 8]))
    scales = draw(st.integers(2, 5))
    first = draw(st.sampled_from([4, 8]))
    is_named = draw(st.booleans())
    channels = {
        "reg_layer": {"yolov8": 4 * bins, "ssd": 12}.get(kind, 4),
        "cls_layer": 3 * classes if kind == "ssd" else classes,
        "objectness_layer": 1,
        "encoded_layer": 3 * (5 + classes),
        "combined_layer": 4 * bins + classes,
    }
    numbers = iter(draw(st.permutations(range(40, 90))))
    heads: dict[str, tuple[int, int, str]] = {}
    decoders = []
    for scale in range(scales):
        stride = first * 2**scale
        names = {key: f"conv{next(numbers)}" for key in KEYS[kind]}
        for key, name in names.items():
            branch = BRANCHES.get(key, "m")
            node = f"/model.22/{branch}.{scale}/{branch}.{scale}.2/Conv" if is_named else ""
            heads[name] = (stride, channels[key], node)
        anchors = ANCHORS if kind in ("ssd", "yolov5") else {}
        decoders.append({"name": f"d{scale}", "stride": stride, **anchors, **names})
    order = draw(st.permutations(list(heads)))
    values: dict[str, Any] = {
        "nms_scores_th": 0.2,
        "nms_iou_th": 0.7,
        "image_dims": list(IMAGE),
        "classes": classes,
        **({"regression_length": bins} if kind in ("yolov8", "nanodet") else {}),
        "bbox_decoders": decoders,
    }
    meta_arch = "yolov8" if kind == "nanodet" else kind
    return Made(meta_arch, {name: heads[name] for name in order}, values)


@st.composite
def damaged(draw: st.DrawFn, made: Made) -> dict[str, Any]:  # noqa: C901  one for each damage
    """The configuration with some things in it changed."""
    values = copy.deepcopy(dict(made.values))
    decoders = values["bbox_decoders"]
    names = st.sampled_from([*made.heads, *FURTHER])
    for decoder in decoders:
        for key in LAYER_KEYS:
            if key in decoder and draw(st.booleans()):
                decoder[key] = draw(names)
        if draw(st.integers(0, 3)) == 0:
            decoder["stride"] = draw(st.sampled_from([2, 7, 8, 16, 32, 128]))
        if draw(st.integers(0, 3)) == 0:
            decoder["name"] = draw(st.sampled_from(["", "d0"]))
    for key, others in (("classes", [1, 3, 80, 91]), ("regression_length", [1, 8, 15, 16])):
        if key in values and draw(st.booleans()):
            values[key] = draw(st.sampled_from(others))
    if draw(st.booleans()):
        values["image_dims"] = draw(st.sampled_from([[640, 640], [1024, 512]]))
    what = draw(st.sampled_from(["", "", "", "lost", "twice", "no list"]))
    if what == "lost" and "w" not in decoders[0]:
        del decoders[draw(st.integers(0, len(decoders) - 1))]
    elif what == "twice":
        decoders.append(copy.deepcopy(decoders[0]))
    elif what == "no list" and made.meta_arch in ("yolov8", "yolov6", "yolox"):
        del values["bbox_decoders"]
    return values


# Doing what is advised.


def followed(  # noqa: C901  one branch for each form of advice
    findings: tuple[Finding, ...], values: dict[str, Any], line: str
) -> tuple[dict[str, Any], str]:
    """The configuration and the line of the script after all remedies."""
    values = copy.deepcopy(values)
    decoders = values.get("bbox_decoders", [])
    names = [decoder.get("name") for decoder in decoders]
    by_label = {f"decoder {i + 1}": decoder for i, decoder in enumerate(decoders)}
    by_label |= {d["name"]: d for d in decoders if d["name"] and names.count(d["name"]) == 1}
    deleted: list[Any] = []
    for finding in findings:
        remedy = finding.remedy
        for key, name, label in re.findall(r'"(\w+)": "([^"]*)" in (decoder \d+|d\d+)', remedy):
            by_label[label][key] = name
        for stride, label in re.findall(r'"stride": (\d+) in (decoder \d+|d\d+)', remedy):
            by_label[label]["stride"] = int(stride)
        for key, number in re.findall(r'"(classes|regression_length)": (\d+) in', remedy):
            values[key] = int(number)
        for sizes in re.findall(r'"image_dims": (\[[^\]]*\])', remedy):
            values["image_dims"] = json.loads(sizes)
        for part in re.findall(r'elete ([^"]*) from "bbox_decoders"', remedy):
            deleted += [by_label[label] for label in re.split(", | and ", part)]
        if re.search('elete "regression_length"', remedy):
            del values["regression_length"]
        for code in re.findall("`([^`]*)`", remedy):
            if code.startswith("nms_postprocess("):
                line = code
            elif code.startswith("{"):
                values["bbox_decoders"] += json.loads(f"[{code}]")
            else:
                values |= json.loads(f"{{{code}}}")
    if deleted:
        values["bbox_decoders"] = [d for d in decoders if not any(d is each for each in deleted)]
    return values, line


def problems(result: InspectorResult) -> list[Finding]:
    return [finding for finding in result.findings if finding.severity > Severity.INFO]


def is_left_open(finding: Finding) -> bool:
    """Whether it says that nothing tells what is meant."""
    return bool(
        re.search("hoose |Check the names|the anchor boxes|one entry for each", finding.remedy)
    )


@settings(deadline=None, max_examples=examples(150), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_advised_is_enough(data: st.DataObject) -> None:
    made = data.draw(detectors())
    values = data.draw(damaged(made))
    first = judged(made.model(made.line), values)
    mended, line = followed(first.findings, values, made.line)
    parse_model_script(line)
    left = [
        finding
        for finding in problems(judged(made.model(line), mended))
        if not is_left_open(finding)
    ]
    is_open = any(map(is_left_open, first.findings))
    assert is_open or left == [], [f.remedy for f in first.findings]


@settings(deadline=None, max_examples=examples(100), suppress_health_check=list(HealthCheck))
@given(detectors(("yolov8", "yolov6", "yolox", "yolov5", "nanodet")), st.data())
def test_names_of_another_network_are_replaced_by_the_right_ones(
    made: Made, data: st.DataObject
) -> None:
    """All names are old, and maybe the number of classes; strides and bins are right."""
    values = copy.deepcopy(dict(made.values))
    for decoder in values["bbox_decoders"]:
        decoder.update({key: f"old{i}" for i, key in enumerate(LAYER_KEYS) if key in decoder})
    if data.draw(st.booleans()):
        values["classes"] = data.draw(st.sampled_from([80, 91]))
    result = judged(made.model(made.line), values)
    counts = {channels for _, channels, _ in made.heads.values()}
    keys = [key for key in LAYER_KEYS if key in made.values["bbox_decoders"][0]]
    if len(counts) < len(keys):  # boxes and scores look alike
        assert any(map(is_left_open, result.findings)) or made.heads[next(iter(made.heads))][2]
        return
    mended, _ = followed(result.findings, values, made.line)
    assert mended == made.values


@quiet("nms-decoders", "nms-classes", "nms-regression", "nms-stride", "nms-names")
@settings(deadline=None, max_examples=examples(100), suppress_health_check=list(HealthCheck))
@given(detectors())
def test_nothing_is_said_of_what_fits(made: Made) -> None:
    assert problems(judged(made.model(made.line), made.values)) == []


@pytest.mark.parametrize("names", [("old1", "conv43"), ("conv42", "old2"), ("conv43", "conv42")])
def test_sixty_four_classes_are_told_from_boxes_by_the_branches_of_the_exporter(
    names: tuple[str, str],
) -> None:
    heads = {
        f"conv{42 + 2 * scale + branch}": (
            8 * 2**scale,
            64,
            f"/model.22/cv{2 + branch}.{scale}/Conv",
        )
        for scale in range(2)
        for branch in range(2)
    }
    decoders = [
        {"name": "d0", "stride": 8, "reg_layer": "conv42", "cls_layer": "conv43"},
        {"name": "d1", "stride": 16, "reg_layer": "conv44", "cls_layer": "conv45"},
    ]
    values = {
        "image_dims": list(IMAGE),
        "classes": 64,
        "regression_length": 16,
        "bbox_decoders": decoders,
    }
    made = Made("yolov8", heads, values)
    assert problems(judged(made.model(made.line), values)) == []
    changed = copy.deepcopy(values)
    changed["bbox_decoders"] = [
        {**decoders[0], "reg_layer": names[0], "cls_layer": names[1]},
        decoders[1],
    ]
    result = judged(replace(made, values=changed).model(made.line), changed)
    assert followed(result.findings, changed, made.line)[0] == values
