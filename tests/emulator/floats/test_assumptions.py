"""When a layer rests on an assumption, and when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.emulation import layer_of
from utils.emulator.floats.assumptions import ASSUMPTIONS, assumptions_of
from utils.emulator.operations.registry import OPERATIONS


def test_assumptions_belong_to_operations() -> None:
    assert set(ASSUMPTIONS) <= set(OPERATIONS)


@pytest.mark.parametrize(
    ("type", "params"),
    [
        ("conv", {"padding": "VALID", "activation": "relu", "elementwise_add": False}),
        ("conv", {"padding": "SAME_TENSORFLOW", "dynamic_weights": False}),
        ("conv", {"elementwise_add": True, "activation": "linear"}),
        ("maxpool", {"padding": "SAME_TENSORFLOW"}),
        ("avgpool", {"padding": "VALID"}),
        (
            "resize",
            {
                "method": "nearest_neighbor",
                "resize_h_ratio_list": [
                    2.0,
                ],
            },
        ),
        ("resize", {"method": "nearest_neighbor", "resize_h_ratio_list": "broken"}),
        ("slice", {"height_slice": [0, 4, 1], "width_slice": None}),
        ("space_to_depth", {"space_to_depth_type": "focus"}),
        ("format_conversion", {"conversion_type": "tf_rgb_to_hailo_rgb"}),
        ("ew_add", {}),
    ],
)
def test_documented_layers_assume_nothing(type: str, params: dict[str, Any]) -> None:
    assert assumptions_of(layer_of(type, **params)) == ()


@pytest.mark.parametrize(
    ("type", "params", "words"),
    [
        ("conv", {"padding": "SAME"}, "Caffe"),
        ("conv", {"elementwise_add": True, "activation": "relu"}, "precede the activation"),
        ("dw", {"dynamic_weights": True}, "laid out"),
        ("avgpool", {"padding": "SAME_TENSORFLOW"}, "count_include_pad"),
        ("resize", {"method": "bilinear"}, "align_corners"),
        ("resize", {"method": "nearest_neighbor", "resize_w_ratio_list": [1.5]}, "fraction"),
        ("resize", {"resize_h_ratio_list": [2.0, 3.0]}, "one after the other"),
        ("slice", {"width_slice": [2, 0, 1]}, "to the end"),
        ("space_to_depth", {"space_to_depth_type": "serial"}, "row by row"),
        ("format_conversion", {"conversion_type": "spatial_reshape"}, "row-major"),
        ("activation", {"activation": "threshold"}, "threshold"),
        ("matmul", {}, "group by group"),
        ("portal", {}, "portal"),
        ("external_pad", {}, "zeros"),
        ("conv", {"pre_layer_batch_norm": True}, "part of the kernel"),
    ],
)
def test_interpreted_layers_say_so(type: str, params: dict[str, Any], words: str) -> None:
    (sentence,) = assumptions_of(layer_of(type, **params))
    assert words in sentence
