"""Heads of the detectors that configurations are published for, with those configurations."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import inspectors
from inspectors.nms import NmsInspector
from tests.fixtures.builders import build_context, build_layer, build_model
from utils.findings import InspectorResult
from utils.har.model import Model
from utils.har.network import Layer, Shape
from utils.side_files.nms_config import parsed_nms_config

PATH = "nms.json"
STRIDES = (8, 16, 32)
IMAGE = (320, 640)  # height and width differ, so that a mix-up shows


@dataclass(frozen=True)
class Sample:
    """A network with the configuration that fits it.

    Parameters
    ----------
    heads : shape of the head by name; every head has an output of its own.
    values : the configuration.
    meta_arch : that the model script names.
    """

    heads: Mapping[str, Shape]
    values: Mapping[str, Any]
    meta_arch: str

    def model(
        self, *further: Layer, script: str | None = None, image: Shape | None = None
    ) -> Model:
        """The network; `further` layers are added, the script has `nms_postprocess` only."""
        own = f'nms_postprocess("nms.json", meta_arch={self.meta_arch}, engine=cpu)\n'
        layers = [
            build_layer("input_layer1", shape=image or (*IMAGE, 3)),
            build_layer("conv1", inputs=["input_layer1"], shape=(40, 80, 16)),
        ]
        for index, (name, shape) in enumerate(self.heads.items(), start=1):
            nodes = [f"/head/{name}/Conv"]
            layers.append(build_layer(name, inputs=["conv1"], shape=shape, original_names=nodes))
            layers.append(build_layer(f"output_layer{index}", inputs=[name], shape=shape))
        return build_model([*layers, *further], script=own if script is None else script)

    def changed(self, decoder: int | None = None, **values: Any) -> dict[str, Any]:
        """The configuration with other values, of one decoder or of the file; None leaves out."""
        config = copy.deepcopy(dict(self.values))
        holder = config if decoder is None else config["bbox_decoders"][decoder]
        holder.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del holder[key]
        return config


def _cells(stride: int) -> tuple[int, int]:
    return IMAGE[0] // stride, IMAGE[1] // stride


def _values(decoders: Sequence[Mapping[str, Any]], **values: Any) -> dict[str, Any]:
    common = {
        "nms_scores_th": 0.2,
        "nms_iou_th": 0.7,
        "image_dims": list(IMAGE),
        "max_proposals_per_class": 100,
        "classes": 3,
        "background_removal": False,
    }
    return {**common, **values, "bbox_decoders": [dict(decoder) for decoder in decoders]}


def _separate_heads(channels: Mapping[str, int]) -> tuple[dict[str, Shape], list[dict[str, Any]]]:
    """One layer for each key at every stride: conv8_reg, conv8_cls, conv16_reg, ..."""
    heads: dict[str, Shape] = {}
    decoders = []
    for stride in STRIDES:
        names = {key: f"conv{stride}_{key.partition('_')[0]}" for key in channels}
        heads |= {names[key]: (*_cells(stride), count) for key, count in channels.items()}
        decoders.append({"name": f"decoder_{stride}", "stride": stride, **names})
    return heads, decoders


def yolov8(classes: int = 3, regression_length: int = 16) -> Sample:
    heads, decoders = _separate_heads({"reg_layer": 4 * regression_length, "cls_layer": classes})
    values = _values(decoders, classes=classes, regression_length=regression_length)
    return Sample(heads, values, "yolov8")


def yolox(classes: int = 3) -> Sample:
    heads, decoders = _separate_heads({"reg_layer": 4, "objectness_layer": 1, "cls_layer": classes})
    return Sample(heads, _values(decoders, classes=classes), "yolox")


def yolov6(classes: int = 3) -> Sample:
    heads, decoders = _separate_heads({"reg_layer": 4, "cls_layer": classes})
    return Sample(heads, _values(decoders, classes=classes), "yolov6")


def nanodet(classes: int = 3) -> Sample:
    heads, decoders = _separate_heads({"combined_layer": 4 * 11 + classes})
    return Sample(heads, _values(decoders, classes=classes, regression_length=11), "yolov8")


def yolov5(classes: int = 3, masks: int = 0) -> Sample:
    anchors = {"w": [10, 16, 33], "h": [13, 30, 23]}
    heads, decoders = _separate_heads({"encoded_layer": 3 * (5 + classes + masks)})
    values = _values([{**decoder, **anchors} for decoder in decoders], classes=classes)
    if masks:
        values["proto"] = [{"number": masks, "stride": 4}]
        heads["conv_proto"] = (IMAGE[0] // 4, IMAGE[1] // 4, masks)
    return Sample(heads, values, "yolov5_seg" if masks else "yolov5")


def ssd(classes: int = 5) -> Sample:
    """Three anchor boxes at the first scale, six at the second; the background is a class."""
    heads: dict[str, Shape] = {}
    decoders = []
    for index, anchors in enumerate((3, 6)):
        names = {"reg_layer": f"conv{index}_reg", "cls_layer": f"conv{index}_cls"}
        size = _cells(STRIDES[index])
        heads |= {
            names["reg_layer"]: (*size, 4 * anchors),
            names["cls_layer"]: (*size, classes * anchors),
        }
        sizes = [0.1 * (n + 1) for n in range(anchors)]
        decoders.append({"name": f"decoder_{index}", "w": sizes, "h": sizes, **names})
    background = {"background_removal": True, "background_removal_index": 0}
    return Sample(heads, _values(decoders, classes=classes, **background), "ssd")


def centernet(classes: int = 3) -> Sample:
    size = _cells(4)
    heads = {"conv28": (*size, 1), "conv29": (*size, 1), "conv30": (*size, classes)}
    names = {"reg_layer_h": "conv29", "reg_layer_w": "conv28", "cls_layer": "conv30"}
    values = _values([names], classes=classes, input_division_factor=4)
    del values["image_dims"], values["nms_iou_th"]
    return Sample(heads, values, "centernet")


SAMPLES = {
    "yolov8": yolov8(),
    "yolox": yolox(),
    "yolov6": yolov6(),
    "nanodet": nanodet(),
    "yolov5": yolov5(),
    "yolov5_seg": yolov5(masks=32),
    "ssd": ssd(),
    "centernet": centernet(),
}


def judged(model: Model, values: Mapping[str, Any], indent: int | None = 1) -> InspectorResult:
    """What the inspector says of a configuration given on the command line."""
    config = parsed_nms_config(PATH, json.dumps(values, indent=indent).encode())
    result = inspectors.run(NmsInspector, build_context(model, nms_config=config))
    assert (result.crashed, str(result.skipped or "")) == ("", "")
    return result


def told(result: InspectorResult) -> list[tuple[str, str, tuple[str, ...]]]:
    """Id, severity and layers, without scope, of every finding."""
    return [
        (f.id, f.severity.label, tuple(name.removeprefix("net/") for name in f.layers))
        for f in result.findings
    ]
