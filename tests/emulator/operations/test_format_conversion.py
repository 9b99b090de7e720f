"""format_conversion, one conversion after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import assert_close, floats, layer_of, noise, run
from tests.emulator.onnx_oracle import run_onnx
from utils.emulator.operations.format_conversion import CONVERSIONS
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer, Shape

IMAGE = noise(2, 4, 6, 3)

MEMORY_FORMATS = (
    "tf_rgb_to_hailo_rgb hailo_rgb_to_tf_rgb hailo_rgb_to_f8cr f8cr_to_hailo_rgb "
    "hailo_rgb_to_ppu ppu_to_hailo_rgb hailo_rgb_to_lcu"
).split()
SEEN = frozenset(
    """spatial_reshape transpose_matmul tf_rgb_to_hailo_rgb reshape_1xw0_to_hxw hailo_rgb_to_tf_rgb
    hailo_rgb_to_f8cr transpose_width_features reshape_height_features f8cr_to_hailo_rgb
    ppu_to_hailo_rgb hailo_rgb_to_ppu hailo_rgb_to_lcu spatial_flatten yuy2_to_hailo_yuv
    nv12_to_hailo_yuv i420_to_hailo_yuv tf_rgbx_to_hailo_rgb""".split()
)


def conversion(name: str, *shapes: Shape, **params: Any) -> Layer:
    return layer_of("format_conversion", shapes, conversion_type=name, **params)


def test_every_conversion_in_use_has_an_entry() -> None:
    assert set(CONVERSIONS) == SEEN


@pytest.mark.parametrize("name", MEMORY_FORMATS)
def test_memory_formats_leave_the_numbers_as_they_are(name: str) -> None:
    np.testing.assert_array_equal(run(conversion(name), IMAGE), IMAGE)


@pytest.mark.parametrize("name", ["spatial_reshape", "reshape_1xw0_to_hxw"])
@pytest.mark.parametrize("target", [(24, 1), (1, 24), (8, 3), (2, 12)])
def test_pixels_are_reshaped_row_by_row(name: str, target: tuple[int, int]) -> None:
    expected = run_onnx("Reshape", IMAGE, np.array([2, *target, 3], np.int64))
    assert_close(run(conversion(name, (*target, 3)), IMAGE), expected)
    assert_close(run(conversion(name, expand_spatial_sizes=list(target)), IMAGE), expected)


def test_spatial_flatten_makes_one_row() -> None:
    expected = run_onnx("Reshape", IMAGE, np.array([2, 1, 24, 3], np.int64))
    assert_close(run(conversion("spatial_flatten"), IMAGE), expected)


@pytest.mark.parametrize("name", ["transpose_width_features", "transpose_matmul"])
@pytest.mark.parametrize("shapes", [(), ((4, 3, 6),)])
def test_width_and_features_are_swapped(name: str, shapes: tuple[Shape, ...]) -> None:
    expected = run_onnx("Transpose", IMAGE, perm=[0, 1, 3, 2])
    assert_close(run(conversion(name, *shapes), IMAGE), expected)


def test_transpose_matmul_of_several_heads() -> None:
    keys = noise(2, 1, 5, 3 * 4)
    heads = [np.ascontiguousarray(part) for part in np.split(keys, 3, axis=3)]
    expected = np.concatenate(
        [run_onnx("Transpose", head, perm=[0, 1, 3, 2]) for head in heads], axis=3
    )
    assert_close(run(conversion("transpose_matmul", (1, 4, 15)), keys), expected)


def test_height_and_features_exchange_heads() -> None:
    """Heads leave the channels for rows of their own, and come back."""
    tokens = noise(2, 1, 5, 3 * 4)
    apart = np.concatenate(np.split(tokens, 3, axis=3), axis=1)
    name = "reshape_height_features"
    assert_close(run(conversion(name, (3, 5, 4)), tokens), apart)
    assert_close(run(conversion(name, (1, 5, 12)), apart), tokens)


def test_the_fourth_channel_is_dropped() -> None:
    image = noise(2, 3, 3, 4)
    expected = run_onnx("Slice", image, *(np.array([v], np.int64) for v in (0, 3, 3)))
    assert_close(run(conversion("tf_rgbx_to_hailo_rgb"), image), expected)


def test_yuy2_pairs_share_their_chroma() -> None:
    packed = floats([[10, 1, 20, 2, 30, 3, 40, 4]]).reshape(1, 1, 4, 2)
    expected = floats([[10, 1, 2], [20, 1, 2], [30, 3, 4], [40, 3, 4]]).reshape(1, 1, 4, 3)
    assert_close(run(conversion("yuy2_to_hailo_yuv"), packed), expected)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (layer_of("format_conversion"), "conversion_type is missing"),
        (conversion("unheard_of"), "unheard_of"),
        (conversion("spatial_reshape"), "expand_spatial_sizes is missing"),
        (conversion("spatial_reshape", (5, 5, 3)), "does not reshape"),
        (conversion("spatial_reshape", (24, 3, 1)), "does not reshape"),
        (conversion("transpose_matmul", (4, 2, 9)), "no transposition"),
        (conversion("reshape_height_features", (2, 6, 7)), "does not reshape"),
        (conversion("tf_rgbx_to_hailo_rgb"), "not RGBX"),
        (conversion("yuy2_to_hailo_yuv"), "not that of YUY2"),
        (conversion("nv12_to_hailo_yuv"), "nv12_to_hailo_yuv reads its planes"),
        (conversion("i420_to_hailo_yuv"), "i420_to_hailo_yuv reads its planes"),
    ],
)
def test_malformed_layers_are_refused(layer: Layer, message: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer, IMAGE)
