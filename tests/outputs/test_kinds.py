from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model
from tests.inspectors.nms.detectors import SAMPLES as DETECTORS
from tests.inspectors.output_contract.judged import Head, detector_layers
from utils.errors import UsageError
from utils.har.network import Layer, Shape
from utils.measurements.output_kind import SettledKind
from utils.model_script import parse_model_script
from utils.outputs.kinds import settled_kinds
from utils.side_files.nms_config import parsed_nms_config

VECTOR, MAP = (1, 1, 10), (8, 8, 10)


def ending(shape: Shape, *last: Layer) -> list[Layer]:
    """A network of one output, of the shape of its last layer."""
    layers = [build_layer("input_layer1", shape=(8, 8, 3)), *last]
    return [*layers, build_layer("output_layer1", inputs=[layers[-1].name], shape=shape)]


def dense(shape: Shape = VECTOR, **options: Any) -> Layer:
    return build_layer("fc1", "dense", inputs=["input_layer1"], shape=shape, **options)


def conv(shape: Shape = MAP, **options: Any) -> Layer:
    return build_layer("conv1", inputs=["input_layer1"], shape=shape, **options)


def behind(type_: str, layer: Layer, shape: Shape) -> list[Layer]:
    return [layer, build_layer(f"{type_}1", inputs=[layer.name], shape=shape)]


def residual(shape: Shape, *summands: str, between: str = "") -> list[Layer]:
    """A sum of these layers, behind a conv and, if there is one, a layer right behind the input."""
    layers = [conv(shape)]
    if between:
        layers.append(build_layer(between, inputs=["input_layer1"], shape=(8, 8, 3)))
    return [*layers, build_layer("ew_add1", inputs=list(summands), shape=shape)]


def fused(*summands: str) -> list[Layer]:
    """The same in one layer."""
    last = build_layer("conv2", inputs=list(summands), shape=(8, 8, 3), elementwise_add=True)
    return [conv((8, 8, 3)), last]


def settled(layers: list[Layer], *asked: tuple[str, str], **options: Any) -> SettledKind:
    return settled_kinds(build_model(layers), asked=asked, **options)["net/output_layer1"]


@pytest.mark.parametrize(
    ("layers", "kind", "said"),
    [
        (behind("argmax", conv(), (8, 8, 1)), "segmentation", "an argmax names one class for each"),
        (behind("argmax", dense(), (1, 1, 1)), "classes", "one class for each sample"),
        (behind("softmax", dense(), VECTOR), "classes", "a softmax over 10 channels leaves"),
        (behind("softmax", conv(), MAP), "segmentation", "a softmax over 10 channels leaves"),
        (behind("softmax", conv((1, 9, 4)), (1, 9, 4)), "classes", "a softmax over 4 channels"),
        ([dense(activation="sigmoid")], "scores", "a sigmoid leaves, for each number by itself"),
        ([conv(activation="sigmoid")], "unknown", "a map that leaves a sigmoid conv may hold"),
        ([dense()], "unknown", "a vector that leaves a linear dense may hold classes, scores,"),
        ([dense((1, 1, 1))], "unknown", "a number that leaves a linear dense may be a score"),
        ([conv()], "unknown", "a map that leaves a linear conv may hold scores, classes,"),
        (behind("depth_to_space", conv((4, 4, 12)), (8, 8, 3)), "image", "depth_to_space makes"),
        ([dense(original_names=["net/logits/MatMul"])], "classes", "its name is net/logits/MatMul"),
        ([dense((1, 1, 1), original_names=["classifier.3/Gemm"])], "scores", "classifier.3/Gemm"),
        ([dense(original_names=["faceEmbedding"])], "embedding", "its name is faceEmbedding"),
        ([conv(original_names=["decoder/depth_head/Conv"])], "regression", "depth_head"),
        ([conv(original_names=["/DepthToSpace", "depthwise_conv"])], "unknown", "a map"),
        ([conv(original_names=["semantic_depth"])], "unknown", "a map that leaves"),
        ([conv((8, 8, 1), original_names=["segmentation"])], "unknown", "a map that leaves"),
    ],
)
def test_graph_and_names_settle_what_they_can(layers: list[Layer], kind: str, said: str) -> None:
    found = settled(ending(layers[-1].output_shape, *layers))
    assert found.kind == kind
    assert said in found.reason


@pytest.mark.parametrize(
    ("layers", "is_image"),
    [
        (residual((8, 8, 3), "input_layer1", "conv1"), True),
        (residual((8, 8, 3), "conv1", "normalization1", between="normalization1"), True),
        (residual((8, 8, 3), "conv1", "resize1", between="resize1"), True),
        (residual((8, 8, 3), "conv1", "dw1", between="dw1"), False),
        (residual((8, 8, 10), "input_layer1", "conv1"), False),
        (residual((8, 8, 3), "conv1", "conv1"), False),
        (fused("conv1", "input_layer1"), True),
        (fused("input_layer1", "conv1"), False),
    ],
)
def test_what_is_added_to_a_picture_that_enters_leaves_a_picture(
    layers: list[Layer], is_image: bool
) -> None:
    found = settled(ending(layers[-1].output_shape, *layers))
    assert (found.kind, "added to the picture" in found.reason) == (
        ("image", True) if is_image else ("unknown", False)
    )


def test_a_vector_that_is_divided_by_its_length_is_an_embedding() -> None:
    layers = [
        dense(),
        build_layer("reduce_l21", "reduce_l2", inputs=["fc1"], shape=(1, 1, 1)),
        build_layer("ew_div1", inputs=["fc1", "reduce_l21"], shape=VECTOR),
    ]
    found = settled(ending(VECTOR, *layers))
    assert (found.kind, found.reason) == (
        "embedding",
        "a vector leaves that is divided by its length",
    )


def test_what_is_joined_is_unknown() -> None:
    joined = build_layer("concat1", inputs=["conv1", "conv2"], shape=MAP)
    layers = [conv(), build_layer("conv2", inputs=["input_layer1"], shape=MAP), joined]
    assert settled(ending(MAP, *layers)).reason == "it joins 2 tensors"


@pytest.mark.parametrize("name", ["output_layer1", "net/output_layer1", "fc1", "head/Gemm"])
def test_what_the_user_says_comes_first(name: str) -> None:
    layers = ending(VECTOR, dense(activation="sigmoid", original_names=["head/Gemm"]))
    found = settled(layers, (name, "regression"))
    assert found == SettledKind("regression", "--output-kind says so")


def test_a_detector_that_the_user_names_is_read_by_its_objectness() -> None:
    found = settled(ending((8, 8, 18), conv((8, 8, 18))), ("conv1", "detection"))
    assert found.score_channels == (4, 10, 16)
    assert "three anchors with objectness" in found.reason
    assert settled(ending(MAP, conv()), ("conv1", "detection")).score_channels == ()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("conv7", "classes"), "--output-kind conv7=classes names no output; there are output_l"),
        (("conv1", "classes2"), "names no kind of output; known are classes, scores, segmentation"),
    ],
)
def test_what_does_not_exist_is_refused(asked: tuple[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        settled(ending(MAP, conv()), asked)


def test_scores_beside_boxes_of_64_channels_are_a_detector() -> None:
    found = settled_kinds(build_model(detector_layers(Head(64), Head(7))))
    boxes, scores = found["net/output_layer1"], found["net/output_layer2"]
    assert len(found) == 6
    assert {kind.kind for kind in found.values()} == {"detection"}
    assert (boxes.holds_scores, boxes.scores_at) == (False, "net/output_layer2")
    assert [found[f"net/output_layer{n}"].cell for n in (1, 3, 5)] == [(8, 8), (16, 16), (32, 32)]
    assert (scores.holds_scores, scores.score_channels) == (True, ())


def test_boxes_whose_scores_cannot_be_told_are_not_compared() -> None:
    layers = detector_layers(Head(64), Head(7), Head(5))
    found = settled_kinds(build_model(layers))
    assert found["net/output_layer1"].scores_at == ""
    assert "are not compared" in found["net/output_layer1"].reason
    assert found["net/output_layer2"].kind == "unknown"


def test_probabilities_beside_boxes_of_any_coding_are_the_scores_of_a_detector() -> None:
    found = settled_kinds(build_model(detector_layers(Head(32), Head(7, activation="sigmoid"))))
    kinds = [found[f"net/output_layer{number}"].kind for number in range(1, 7)]
    assert kinds == ["unknown", "detection"] * 3
    assert "beside other maps" in found["net/output_layer2"].reason


@pytest.mark.parametrize(
    "heads",
    [
        (Head(32), Head(7)),  # logits: nothing tells them from boxes
        (Head(7, activation="sigmoid"),),  # maps of one kind at several sizes, as of edges
        # Objectness and classes are multiplied behind the network.
        (Head(4), Head(1, activation="sigmoid"), Head(7, activation="sigmoid")),
    ],
)
def test_maps_that_decide_nothing_by_themselves_are_no_scores(heads: tuple[Head, ...]) -> None:
    found = settled_kinds(build_model(detector_layers(*heads)))
    assert {kind.kind for kind in found.values()} == {"unknown"}


def by_config(name: str) -> dict[str, SettledKind]:
    sample = DETECTORS[name]
    config = parsed_nms_config("nms.json", json.dumps(sample.values).encode())
    return settled_kinds(sample.model(), nms_config=config)


def test_an_nms_configuration_says_what_is_what() -> None:
    v8 = by_config("yolov8")
    assert v8["net/output_layer1"].scores_at == "net/output_layer2"
    assert (
        "nms.json names what feeds it as reg_layer of decoder_8" in v8["net/output_layer1"].reason
    )
    assert v8["net/output_layer2"].holds_scores
    assert by_config("yolov5")["net/output_layer1"].score_channels == (4, 12, 20)
    assert by_config("nanodet")["net/output_layer1"].score_channels == (44, 45, 46)
    assert not by_config("ssd")["net/output_layer1"].holds_scores
    x = by_config("yolox")
    kinds = [x[f"net/output_layer{number}"] for number in (1, 2, 3)]
    assert [(kind.holds_scores, kind.scores_at) for kind in kinds] == [
        (False, ""),
        (True, ""),
        (True, ""),
    ]


def test_a_script_with_an_nms_makes_detectors_of_maps_alone() -> None:
    script = parse_model_script("nms_postprocess(meta_arch=yolov5, engine=cpu)\n")
    layers = [conv((8, 8, 24)), dense()]
    outputs = [
        build_layer("output_layer1", inputs=["conv1"], shape=(8, 8, 24)),
        build_layer("output_layer2", inputs=["fc1"], shape=VECTOR),
    ]
    model = build_model([build_layer("input_layer1"), *layers, *outputs])
    found = settled_kinds(model, script)
    assert found["net/output_layer1"].kind == "detection"
    assert found["net/output_layer1"].score_channels == (4, 12, 20)
    assert found["net/output_layer2"].kind == "unknown"
