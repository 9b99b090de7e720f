from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.inspectors.output_contract.judged import Head, detector
from utils.har.network import Layer
from utils.outputs.heads import (
    are_scales,
    has_several_scales,
    heads,
    score_twins,
    twins_of_boxes,
)


def names(layers: tuple[Layer, ...] | None) -> tuple[str, ...] | None:
    return None if layers is None else tuple(layer.base_name for layer in layers)


def test_heads_are_found_behind_concats_pass_throughs_and_selections() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["input_layer1"]),
        build_layer("concat1", inputs=["conv1", "conv2"]),
        build_layer("nms1", inputs=["concat1"]),
        build_layer("output_layer1", inputs=["nms1"]),
        build_layer("conv3", inputs=["conv2"]),
        build_layer("maxpool1", inputs=["conv3"]),
        build_layer("output_layer2", inputs=["maxpool1"]),
    ]
    assert names(heads(build_network(layers))) == ("conv1", "conv2", "conv3")


def test_a_network_that_only_hands_on_its_input_has_that_as_its_head() -> None:
    network = build_network(chain(build_layer("input_layer1"), build_layer("output_layer1")))
    assert names(heads(network)) == ("input_layer1",)
    assert not has_several_scales(network)


def test_scales_are_heads_of_different_size() -> None:
    wide, narrow = build_layer("conv1", shape=(8, 8, 3)), build_layer("conv2", shape=(4, 4, 3))
    assert are_scales((wide, narrow))
    assert not are_scales((wide, wide))
    assert not are_scales((wide,))


@pytest.mark.parametrize(
    ("groups", "scores"),
    [
        ([Head(64), Head(3)], ("conv2", "conv4", "conv6")),
        ([Head(64), Head(3, "sigmoid"), Head(32)], ("conv2", "conv5", "conv8")),
        ([Head(64), Head(3, branch="cv3"), Head(51, branch="cv4")], ("conv2", "conv5", "conv8")),
        ([Head(64), Head(3), Head(51)], None),
        ([Head(64, "relu"), Head(3)], ()),
        ([Head(60), Head(3)], ()),
        ([Head(64)], ()),
    ],
    ids=[
        "one twin",
        "masks beside sigmoids",
        "keypoints by name",
        "cannot be told",
        "no plain boxes",
        "no boxes",
        "boxes only",
    ],
)
def test_scores_stand_beside_boxes(groups: list[Head], scores: tuple[str, ...] | None) -> None:
    assert names(score_twins(detector(*groups))) == scores


def test_a_head_that_is_missing_at_one_scale_is_no_twin() -> None:
    network = detector(Head(64), Head(3))
    kept = [layer for layer in network if layer.base_name not in ("conv6", "output_layer6")]
    assert not twins_of_boxes(build_network(kept))
    assert has_several_scales(network)
