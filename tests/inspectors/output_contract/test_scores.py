from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    chain,
    stored_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import (
    Head,
    Range,
    commands,
    context_of,
    detector_layers,
    judged,
    merged,
    result_of,
    summary,
)
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from utils.har.network import Layer, Shape
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.output_kind import OutputKind
from utils.side_files.nms_config import NmsConfig

NMS = 'nms_postprocess("nms.json", meta_arch=yolov8, engine=cpu)'
NEVER = "score-never-fires"
MISSING = "sigmoid-missing"
BARE = detector_layers(Head(64), Head(3))  # scores at conv2, conv4 and conv6
SCORES = ("conv2", "conv4", "conv6")


def classifier(*behind: Layer, activation: str = "linear") -> list[Layer]:
    head = build_layer("fc1", "dense", shape=(1, 1, 1), activation=activation)
    return chain(build_layer("input_layer1"), head, *behind, build_layer("output_layer1"))


@quiet("score-never-fires")
@pytest.mark.parametrize(
    ("layers", "seen"),
    [
        (classifier(activation="sigmoid"), {"fc1": (0.0, 0.3)}),
        (classifier(activation="sigmoid"), {"fc1": (0.0, 0.98)}),
        (classifier(activation="relu"), {"fc1": (0.0, 0.01)}),
        (classifier(), {"fc1": (-600.0, -180.0)}),
        (classifier(build_layer("softmax1")), {"fc1": (-9.0, -8.0), "softmax1": (0.0, 0.2)}),
        (classifier(build_layer("conv2"), activation="sigmoid"), {"fc1": (0.0, 0.01)}),
        (classifier(activation="sigmoid"), {"fc1": (0.0, math.nan)}),
        (
            detector_layers(Head(64), Head(3, "sigmoid")),
            {"conv2": (0, 0.01), "conv4": (0, 0.9), "conv6": (0, 0.2)},
        ),
    ],
    ids=[
        "at the limit",
        "fires",
        "no sigmoid",
        "logits",
        "softmax",
        "inside the network",
        "not a number",
        "fires at one scale",
    ],
)
def test_scores_that_fire_and_what_is_no_score(layers: list[Layer], seen: dict[str, Range]) -> None:
    assert NEVER not in {finding.id for finding in judged(context_of(layers, ranges=seen))}


@loud("score-never-fires")
@pytest.mark.parametrize(
    ("layers", "script", "seen", "named"),
    [
        (classifier(activation="sigmoid"), None, {"fc1": (0.0, 0.299)}, ("fc1",)),
        (classifier(activation="hardsigmoid"), None, {"fc1": (0.0, 0.0)}, ("fc1",)),
        (classifier(build_layer("nms1"), activation="sigmoid"), None, {"fc1": (0, 0.1)}, ("fc1",)),
        (
            classifier(build_layer("activation1", shape=(1, 1, 1), activation="sigmoid")),
            None,
            {"fc1": (-9.0, -4.0), "activation1": (0.0, 0.02)},
            ("activation1",),
        ),
        # Stored before the sigmoid that the script adds: 1 / (1 + e^0.9) is 0.289.
        (
            classifier(),
            "change_output_activation(fc1, sigmoid)",
            {"fc1": (-9.0, -0.9)},
            ("fc1",),
        ),
        (classifier(), "change_output_activation(sigmoid)", {"fc1": (-9e9, -9e8)}, ("fc1",)),
        (BARE, NMS, {"conv2": (0, 0.01), "conv4": (0, 0.1), "conv6": (0, 0.2)}, SCORES),
    ],
    ids=["sigmoid", "hard", "nms", "activation layer", "script", "far below", "nms_postprocess"],
)
def test_scores_that_calibration_never_woke(
    layers: list[Layer], script: str | None, seen: dict[str, Range], named: tuple[str, ...]
) -> None:
    (found,) = judged(context_of(layers, script, seen))
    assert summary([found]) == [(NEVER, "warning", named)]
    assert found.recommendation is None
    assert "no positive example" in found.why
    assert "positive examples" in found.remedy
    assert found.evidence.startswith("at most ")


@quiet("score-never-fires")
def test_logits_that_the_script_makes_scores_of_may_just_fire() -> None:
    script = "change_output_activation(fc1, sigmoid)"
    assert judged(context_of(classifier(), script, {"fc1": (-9.0, -0.8)})) == []


def depth_map(name: str = "", shape: Shape = (64, 64, 1)) -> list[Layer]:
    head = build_layer(
        "conv9", shape=shape, activation="sigmoid", original_names=[name] if name else []
    )
    return chain(
        build_layer("input_layer1", shape=(64, 64, 3)),
        head,
        build_layer("output_layer1", shape=shape),
    )


@pytest.mark.parametrize(
    ("layers", "severity"),
    [
        (depth_map(), "info"),
        (depth_map("decoder/disparity/Sigmoid"), ""),
        (depth_map("head/semantic/Sigmoid", (64, 64, 4)), "warning"),
        (detector_layers(Head(5, "sigmoid")), "warning"),
    ],
    ids=["unknown map", "depth by name", "segmentation by name", "several scales"],
)
def test_a_map_is_a_score_only_where_something_says_so(layers: list[Layer], severity: str) -> None:
    heads = [layer.base_name for layer in layers if layer.activation == "sigmoid"]
    found = judged(context_of(layers, ranges=dict.fromkeys(heads, (0.0, 0.1))))
    assert [f.severity.label for f in found if f.id == NEVER] == ([severity] if severity else [])
    for finding in found:
        assert finding.headline.startswith("If ") == (severity == "info")
        assert_well_worded(finding)


@pytest.mark.parametrize(("kind", "count"), [("regression", 0), ("scores", 1), ("image", 0)])
def test_the_kind_that_was_measured_with_counts(kind: OutputKind, count: int) -> None:
    model = build_model(depth_map())
    floats = np.full((4, 9, 1), 0.1, np.float32)
    output = agreeing(batch_of(floats, coded(floats), range(4)), kind)
    measured = build_measurements(conv9=LayerMeasurement(build_statistics(0.0, 0.1)))
    agreement = AgreementMeasurements({"net/output_layer1": output})
    found = judged(build_context(model, replace(measured, agreement=agreement)))
    assert len(found) == count


def test_outputs_of_the_same_size_are_judged_one_by_one() -> None:
    layers = [build_layer("input_layer1")]
    for number in (1, 2):
        fc = f"fc{number}"
        layers += [
            build_layer(fc, "dense", ["input_layer1"], shape=(1, 1, 1), activation="sigmoid"),
            build_layer(f"output_layer{number}", inputs=[fc]),
        ]
    found = judged(context_of(layers, ranges={"fc1": (0.0, 0.9), "fc2": (0.0, 0.1)}))
    assert summary(found) == [(NEVER, "warning", ("fc2",))]
    assert found[0].measured == {"highest of net/fc2": pytest.approx(0.1)}


def test_what_was_measured_serves_where_nothing_is_stored() -> None:
    model = build_model(classifier(activation="sigmoid"))
    measured = build_measurements(fc1=LayerMeasurement(build_statistics(0.0, 0.1)))
    (found,) = judged(build_context(model, measured))
    assert found.id == NEVER
    assert "measured over 64 samples" in found.message


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"fc1/stats/output_0/max": np.array(["high"])},
        stored_statistics("fc1/stats/output_0", build_statistics(0.0, math.inf)),
        {f"fc1/stats/output_0/{key}": np.zeros(0) for key in ("min", "max", "mean", "energy")},
    ],
    ids=["none", "text", "infinite", "empty"],
)
def test_without_usable_statistics_it_says_so(arrays: dict[str, Any]) -> None:
    model = build_model(classifier(activation="sigmoid"), optimized=arrays)
    result = result_of(build_context(model))
    assert result.findings == ()
    (missing,) = result.not_checked
    assert missing.reason.startswith("whether net/fc1 ever fired")
    assert missing.remedy == "pass the calibration set with -d"


@quiet("sigmoid-missing")
@pytest.mark.parametrize(
    ("layers", "script"),
    [
        (classifier(), None),
        (detector_layers(Head(64), Head(3, "sigmoid")), None),
        (BARE, NMS),
        (BARE, "change_output_activation(sigmoid)"),
        (BARE, "\n".join(f"change_output_activation({name}, sigmoid)" for name in SCORES)),
        (BARE, "change_output_activation([output_layer2, net/conv4, conv6], sigmoid)"),
        (detector_layers(Head(64), Head(3, "sigmoid"), Head(32)), None),
        (detector_layers(Head(64), Head(3), Head(51)), None),
        (detector_layers(Head(60), Head(3)), None),
    ],
    ids=[
        "logits of a classifier",
        "sigmoid in the graph",
        "nms_postprocess",
        "script for all",
        "script by name",
        "script by output",
        "masks beside scores",
        "cannot be told",
        "no such boxes",
    ],
)
def test_scores_with_a_sigmoid_from_anywhere(layers: list[Layer], script: str | None) -> None:
    assert judged(context_of(layers, script)) == []


@loud("sigmoid-missing")
@pytest.mark.parametrize(
    ("script", "named"),
    [
        (None, SCORES),
        ("normalization1 = normalization([0, 0, 0], [255, 255, 255])", SCORES),
        ("change_output_activation(conv2, sigmoid)", SCORES[1:]),
        ("change_output_activation(conv9, sigmoid)", SCORES),
        ("change_output_activation(sigmoid)\nchange_output_activation(conv2, linear)", ("conv2",)),
        ("change_output_activation(conv2, tanh)", SCORES),
    ],
)
def test_scores_that_leave_as_they_are(script: str | None, named: tuple[str, ...]) -> None:
    context = context_of(BARE, script)
    (found,) = judged(context)
    assert summary([found]) == [(MISSING, "warning", named)]
    assert ("these lines" in found.remedy) is (len(named) > 1)
    assert commands(found) == tuple(
        f"change_output_activation(net/{name}, sigmoid)" for name in named
    )
    assert found.recommendation is not None
    assert found.recommendation.default is False
    script_text, parsed = merged([found], context)
    assert script_text.left_out == ()
    assert judged(context_of(BARE, str(parsed))) == []


def nms_config(**keys: Any) -> NmsConfig:
    return NmsConfig("nms.json", keys)


@loud("sigmoid-missing")
def test_the_nms_configuration_names_the_scores() -> None:
    layers = detector_layers(Head(4), Head(1), Head(3))
    decoders = [
        {"reg_layer": "net/conv1", "objectness_layer": "conv2", "cls_layer": "net/conv3"},
        {"reg_layer": "conv4", "objectness_layer": 7, "cls_layer": "conv99"},
    ]
    found = judged(context_of(layers, nms_config=nms_config(bbox_decoders=decoders)))
    assert summary(found) == [(MISSING, "warning", ("conv2", "conv3"))]


@quiet("sigmoid-missing")
@pytest.mark.parametrize(
    "config",
    [
        nms_config(),
        nms_config(bbox_decoders="conv2"),
        nms_config(bbox_decoders=[None, 3, {"cls_layer": ["conv2"]}]),
        nms_config(background_removal=True, bbox_decoders=[{"cls_layer": "conv2"}]),
        nms_config(bbox_decoders=[{"encoded_layer": "conv2"}]),
    ],
    ids=["empty", "odd list", "odd decoders", "softmax of SSD", "one layer for all"],
)
def test_configurations_that_name_no_scores(config: NmsConfig) -> None:
    assert judged(context_of(BARE, nms_config=config)) == []


@quiet("sigmoid-missing")
def test_a_selection_on_the_chip_takes_raw_scores() -> None:
    layers = [layer for layer in BARE if layer.type != "output_layer"]
    names = [layer.base_name for layer in layers if layer.type == "conv"]
    layers += [
        build_layer("concat1", inputs=names),
        build_layer("nms1", inputs=["concat1"]),
        build_layer("output_layer1", inputs=["nms1"]),
    ]
    assert judged(context_of(layers)) == []


def test_heads_that_cannot_be_told_apart_are_said() -> None:
    result = result_of(context_of(detector_layers(Head(64), Head(3), Head(51))))
    (missing,) = result.not_checked
    assert missing.reason.startswith("whether scores have a sigmoid: ")
