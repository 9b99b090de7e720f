"""resize against onnxruntime's Resize."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import nchw, nhwc, run_onnx
from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError

COORDINATES = {
    "disabled": "asymmetric",
    "half_pixels": "half_pixel",
    "align_corners": "align_corners",
}


def resize_onnx(image: Any, size: tuple[int, int, int], **attributes: Any) -> Any:
    height, width, channels = size
    sizes = np.array([len(image), channels, height, width], np.int64)
    return nhwc(run_onnx("Resize", nchw(image), None, None, sizes, **attributes))


def resize_layer(method: str, ratios: tuple[float, float, float], **params: Any) -> Any:
    height, width, features = ratios
    return layer_of(
        "resize",
        method=method,
        resize_h_ratio_list=[height],
        resize_w_ratio_list=[width],
        resize_f_ratio_list=[features],
        **params,
    )


FACTORS = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


@settings(max_examples=examples(30), deadline=None, derandomize=True)
@given(FACTORS)
def test_nearest_neighbor_by_whole_ratios_repeats(factors: tuple[int, int, int]) -> None:
    image = noise(2, 3, 2, 4)
    expected = image
    for axis, factor in enumerate(factors, start=1):
        expected = np.repeat(expected, factor, axis=axis)
    height, width, features = map(float, factors)
    layer = resize_layer("nearest_neighbor", (height, width, features))
    assert_close(run(layer, image), expected)


@pytest.mark.parametrize(("height", "width"), [(3, 10), (7, 5), (2, 2), (13, 4), (1, 1)])
def test_nearest_neighbor_by_fractions_rounds_positions_down(height: int, width: int) -> None:
    image = noise(2, 6, 5, 3)
    expected = resize_onnx(
        image,
        (height, width, 3),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    layer = resize_layer("nearest_neighbor", (height / 6, width / 5, 1.0))
    assert_close(run(layer, image), expected)


def test_a_single_row_is_spread() -> None:
    row = noise(2, 1, 3, 4)
    layer = resize_layer("nearest_neighbor", (150.0, 1.0, 1.0))
    assert_close(run(layer, row), np.broadcast_to(row, (2, 150, 3, 4)))


@pytest.mark.parametrize("mode", COORDINATES)
@pytest.mark.parametrize(
    ("height", "width"), [(12, 10), (11, 13), (6, 5), (3, 4), (24, 3), (6, 40)]
)
def test_bilinear_in_all_pixel_modes(mode: str, height: int, width: int) -> None:
    image = noise(2, 6, 5, 3)
    expected = resize_onnx(
        image, (height, width, 3), mode="linear", coordinate_transformation_mode=COORDINATES[mode]
    )
    ratios = (height / 6, width / 5, 1.0)
    layer = resize_layer("bilinear", ratios, resize_bilinear_pixels_mode=mode)
    assert_close(run(layer, image), expected, 1e-4)


def test_bilinear_without_pixel_mode_is_asymmetric() -> None:
    image = noise(2, 6, 5, 3)
    expected = resize_onnx(
        image, (12, 10, 3), mode="linear", coordinate_transformation_mode="asymmetric"
    )
    assert_close(run(resize_layer("bilinear", (2.0, 2.0, 1.0)), image), expected)


def test_several_ratios_are_several_steps() -> None:
    image = noise(1, 5, 5, 2)
    attributes = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
    expected = resize_onnx(resize_onnx(image, (15, 10, 2), **attributes), (31, 10, 2), **attributes)
    layer = layer_of(
        "resize",
        method="bilinear",
        resize_bilinear_pixels_mode="align_corners",
        resize_h_ratio_list=[3.0, 31 / 15],
        resize_w_ratio_list=[2.0],
    )
    assert_close(run(layer, image), expected, 1e-4)


@pytest.mark.parametrize(("ratio", "recorded"), [(1.45, 8), (1.45, 9), (1.55, 9), (0.25, 1)])
def test_the_recorded_size_settles_the_rounding(ratio: float, recorded: int) -> None:
    layer = layer_of(
        "resize",
        [(recorded, 6, 3)],
        method="nearest_neighbor",
        resize_h_ratio_list=[ratio],
        resize_w_ratio_list=[1.0],
    )
    assert run(layer, noise(1, 6, 6, 3)).shape == (1, recorded, 6, 3)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"method": None}, "method is missing"),
        ({"method": "bicubic"}, "'bicubic'"),
        ({"method": "bilinear", "resize_bilinear_pixels_mode": "other"}, "'other'"),
        ({"method": "bilinear", "resize_f_ratio_list": [2.0]}, "between channels"),
        ({"resize_h_ratio_list": [0.0]}, "resize_h_ratio_list"),
        ({"resize_h_ratio_list": [float("nan")]}, "resize_h_ratio_list"),
        ({"resize_h_ratio_list": [float("inf")]}, "resize_h_ratio_list"),
        ({"resize_h_ratio_list": "2"}, "resize_h_ratio_list"),
        ({"resize_h_ratio_list": [1e30]}, "beyond sane bounds"),
        ({"resize_h_ratio_list": [1e5], "resize_w_ratio_list": [1e5]}, "beyond sane bounds"),
    ],
)
def test_malformed_layers_are_refused(params: dict[str, Any], message: str) -> None:
    layer = layer_of("resize", **{"method": "nearest_neighbor", **params})
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer, noise(1, 4, 4, 2))


def test_a_recorded_size_far_from_the_ratio_is_refused() -> None:
    layer = layer_of("resize", [(9, 4, 2)], method="nearest_neighbor", resize_h_ratio_list=[2.0])
    with pytest.raises(UnsupportedLayerError, match=r"\(8, 4, 2\), but \(9, 4, 2\) is recorded"):
        run(layer, noise(1, 4, 4, 2))
