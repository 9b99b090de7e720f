"""conv, dw and dense against onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import FloatArray, assert_close, layer_of, noise, run
from tests.emulator.geometry import Geometry, pairs
from tests.emulator.onnx_oracle import image_operator, run_onnx
from tests.house.fuzzing import examples
from tests.house.rows import row
from utils.errors import UnsupportedLayerError

FEW = settings(max_examples=examples(50), deadline=None, derandomize=True)

GEOMETRIES = st.builds(
    Geometry,
    size=pairs(1, 9),
    kernel=pairs(1, 4),
    strides=pairs(1, 3),
    dilations=pairs(1, 3),
    padding=st.sampled_from(["VALID", "SAME", "SAME_TENSORFLOW"]),
    groups=st.integers(1, 3),
    fan_in=st.integers(1, 3),
    fan_out=st.integers(1, 2),
)


@dataclass(frozen=True)
class Arrays:
    """Input, kernel (height, width, in, out) and bias of a convolution."""

    image: FloatArray
    kernel: FloatArray
    bias: FloatArray


def arrays_of(geometry: Geometry) -> Arrays:
    outputs = geometry.groups * geometry.fan_out
    return Arrays(
        image=noise(2, *geometry.size, geometry.channels, seed=1),
        kernel=noise(*geometry.kernel, geometry.fan_in, outputs, seed=2),
        bias=noise(outputs, seed=3),
    )


def expected_convolution(geometry: Geometry, arrays: Arrays) -> FloatArray:
    kernel = np.ascontiguousarray(arrays.kernel.transpose(3, 2, 0, 1))
    return image_operator(  # type: ignore[no-any-return]
        "Conv", arrays.image, kernel, arrays.bias, **geometry.onnx_attributes()
    )


@FEW
@given(GEOMETRIES)
def test_conv_over_its_geometry(geometry: Geometry) -> None:
    assume(geometry.fits())
    arrays = arrays_of(geometry)
    result = run(
        layer_of("conv", **geometry.params()),
        arrays.image,
        parameters={
            "kernel": arrays.kernel,
            "bias": arrays.bias,
            "padding_const_value": np.int64(0),
        },
    )
    assert_close(result, expected_convolution(geometry, arrays))


@FEW
@given(GEOMETRIES)
def test_dw_over_its_geometry(geometry: Geometry) -> None:
    assume(geometry.fits())
    channels = geometry.channels
    each = Geometry(**{**geometry.__dict__, "groups": channels, "fan_in": 1, "fan_out": 1})
    arrays = arrays_of(each)
    result = run(
        layer_of("dw", **{**each.params(), "groups": 1}),
        arrays.image,
        parameters={"kernel": arrays.kernel.transpose(0, 1, 3, 2), "bias": arrays.bias},
    )
    assert_close(result, expected_convolution(each, arrays))


@pytest.mark.parametrize("kernel", [1, 2, 3, 5, 7])
def test_same_tensorflow_is_what_onnx_calls_same_upper(kernel: int) -> None:
    for size, strides in product([(8, 8), (9, 8), (7, 9), (15, 16)], (1, 2, 3)):
        with row(size, strides):
            geometry = Geometry(
                size, (kernel, kernel), (strides, strides), padding="SAME_TENSORFLOW"
            )
            arrays = arrays_of(geometry)
            expected = image_operator(
                "Conv",
                arrays.image,
                np.ascontiguousarray(arrays.kernel.transpose(3, 2, 0, 1)),
                arrays.bias,
                strides=geometry.strides,
                auto_pad="SAME_UPPER",
            )
            result = run(
                layer_of("conv", **geometry.params()),
                arrays.image,
                parameters={"kernel": arrays.kernel, "bias": arrays.bias},
            )
            assert_close(result, expected)


@pytest.mark.parametrize("size", [8, 9, 14, 15])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (5, 2), (7, 2), (3, 3)])
def test_same_is_what_pytorch_pads_on_both_sides(size: int, kernel: int, stride: int) -> None:
    pad = (kernel - 1) // 2
    image, weights = noise(1, size, size, 2), noise(kernel, kernel, 2, 3)
    expected = image_operator(
        "Conv",
        image,
        np.ascontiguousarray(weights.transpose(3, 2, 0, 1)),
        pads=[pad] * 4,
        strides=[stride, stride],
    )
    layer = layer_of("conv", strides=[1, stride, stride, 1], padding="SAME", groups=1)
    assert_close(run(layer, image, parameters={"kernel": weights}), expected)


@pytest.mark.parametrize("strides", [(1, 2), (1, 3), (2, 1), (3, 3)])
@pytest.mark.parametrize("type", ["conv", "dw"])
@pytest.mark.parametrize("size", [(9, 2), (9, 3), (2, 9), (3, 3)])
def test_a_stride_that_is_never_taken(
    type: str, size: tuple[int, int], strides: tuple[int, int]
) -> None:
    """One position along an axis, one channel: TensorFlow 2.21 with oneDNN is wrong there."""
    geometry = Geometry(size, (2, 2), strides, fan_in=1, fan_out=1)
    arrays = arrays_of(geometry)
    result = run(
        layer_of(type, **geometry.params()),
        arrays.image,
        parameters={"kernel": arrays.kernel, "bias": arrays.bias},
    )
    assert_close(result, expected_convolution(geometry, arrays))


CONV: dict[str, Any] = {"strides": [1, 1, 1, 1], "padding": "VALID"}


def test_padding_is_done_with_the_stored_value() -> None:
    image, kernel = noise(1, 4, 4, 2), noise(3, 3, 2, 3)
    framed = np.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=2.5)
    layer = layer_of("conv", **{**CONV, "padding": "SAME_TENSORFLOW"})
    result = run(
        layer, image, parameters={"kernel": kernel, "padding_const_value": np.float64(2.5)}
    )
    assert_close(result, run(layer_of("conv", **CONV), framed, parameters={"kernel": kernel}))


@pytest.mark.parametrize("type", ["conv", "dw"])
def test_second_input_is_added(type: str) -> None:
    image, addend = noise(2, 4, 5, 3), noise(2, 4, 5, 3, seed=1)
    kernel = np.eye(3, dtype=np.float32)[None, None] if type == "conv" else np.ones((1, 1, 3, 1))
    layer = layer_of(type, **CONV, elementwise_add=True)
    assert_close(run(layer, image, addend, parameters={"kernel": kernel}), image + addend)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_kernel_over_all_channels_counts_only_within_groups(groups: int) -> None:
    geometry = Geometry(groups=groups)
    arrays = arrays_of(geometry)
    full = np.zeros((3, 3, geometry.channels, groups * geometry.fan_out), np.float32)
    for group in range(groups):
        rows = slice(group * geometry.fan_in, (group + 1) * geometry.fan_in)
        columns = slice(group * geometry.fan_out, (group + 1) * geometry.fan_out)
        full[:, :, rows, columns] = arrays.kernel[..., columns]
    result = run(
        layer_of("conv", **geometry.params()),
        arrays.image,
        parameters={"kernel": full, "bias": arrays.bias},
    )
    assert_close(result, expected_convolution(geometry, arrays))


def test_output_is_flattened_and_transposed() -> None:
    image, kernel = noise(2, 3, 4, 2), noise(1, 1, 2, 5)
    product = image.reshape(2, 12, 2) @ kernel[0, 0]
    flat = layer_of("conv", **CONV, spatial_flatten_output=True)
    both = layer_of(
        "conv", **CONV, spatial_flatten_output=True, transpose_output_width_features=True
    )
    assert_close(run(flat, image, parameters={"kernel": kernel}), product[:, None])
    assert_close(
        run(both, image, parameters={"kernel": kernel}), product.transpose(0, 2, 1)[:, None]
    )


def test_batch_normalization_before_the_convolution_uses_stored_moments() -> None:
    image, kernel = noise(2, 5, 5, 3), noise(3, 3, 3, 4)
    mean, variance = noise(3, seed=4), np.abs(noise(3, seed=5)) + 0.5
    layer = layer_of(
        "conv", strides=[1, 1, 1, 1], padding="SAME_TENSORFLOW", pre_layer_batch_norm=True
    )
    normalized = image_operator(
        "BatchNormalization",
        image,
        *(np.ones(3, np.float32), np.zeros(3, np.float32), mean, variance),
        epsilon=1e-3,
    )
    bias = noise(4, seed=6)
    expected = image_operator(
        "Conv", normalized, np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), bias, pads=[1] * 4
    )
    parameters = {
        "kernel": kernel,
        "bias": bias,
        "moving_mean": mean,
        "moving_variance": variance,
        "epsilon": np.float32(1e-3),
    }
    assert_close(run(layer, image, parameters=parameters), expected)
    with pytest.raises(UnsupportedLayerError, match="moments"):
        run(layer, image, parameters={"kernel": kernel})


@pytest.mark.parametrize("shape", [(1, 1, 12), (2, 3, 4), (3, 1, 2)])
def test_dense_flattens_height_width_channels(shape: tuple[int, int, int]) -> None:
    image, outputs = noise(3, *shape), 5
    kernel, bias = noise(int(np.prod(shape)), outputs, seed=1), noise(outputs, seed=2)
    expected = run_onnx("Gemm", image.reshape(3, -1), kernel, bias)[:, None, None, :]
    parameters = {"kernel": kernel, "bias": bias.astype(np.float64)}
    assert_close(run(layer_of("dense"), image, parameters=parameters), expected)
    squeezed = {**parameters, "kernel": kernel[None, None]}
    assert_close(run(layer_of("dense"), image, parameters=squeezed), expected)


@pytest.mark.parametrize(
    ("type", "params", "kernel", "message"),
    [
        ("conv", {"strides": None}, (3, 3, 2, 3), "strides is missing"),
        ("conv", {"strides": [1, 0, 1, 1]}, (3, 3, 2, 3), "strides"),
        ("conv", {"strides": [1, 1]}, (3, 3, 2, 3), "strides"),
        ("conv", {"strides": "1"}, (3, 3, 2, 3), "strides"),
        ("conv", {"strides": [2, 1, 1, 1]}, (3, 3, 2, 3), "batch"),
        ("conv", {"strides": [1, 1.5, 1, 1]}, (3, 3, 2, 3), "strides"),
        ("conv", {"strides": [1, True, 1, 1]}, (3, 3, 2, 3), "strides"),
        ("conv", {"dilations": [1, 10**9, 1, 1]}, (3, 3, 2, 3), "does not fit"),
        (
            "conv",
            {"dilations": [1, 10**9, 1, 1], "padding": "SAME"},
            (3, 3, 2, 3),
            "beyond sane bounds",
        ),
        ("conv", {"padding": "DECONV"}, (3, 3, 2, 3), "padding"),
        ("conv", {"padding": 3}, (3, 3, 2, 3), "padding"),
        ("conv", {"groups": 2}, (3, 3, 2, 3), "groups"),
        ("conv", {"groups": 0}, (3, 3, 2, 3), "groups"),
        ("conv", {"groups": "two"}, (3, 3, 2, 3), "groups"),
        ("conv", {"groups": 2}, (3, 3, 2, 4), "across its 2 groups"),
        ("conv", {}, (3, 3, 5, 3), "does not fit 2 channels"),
        ("conv", {}, (9, 9, 2, 3), "does not fit into 4"),
        ("conv", {}, (2, 3), "four axes"),
        ("conv", {}, (3, 3, 2, 0), "four axes"),
        ("conv", {"elementwise_add": True}, (3, 3, 2, 3), "1 inputs where 2"),
        ("conv", {"elementwise_add": "yes"}, (3, 3, 2, 3), "elementwise_add"),
        ("conv", {"dynamic_weights": True}, (3, 3, 2, 3), "no second input"),
        ("dw", {}, (3, 3, 5, 1), "does not fit 2 channels"),
        ("dense", {}, (31, 4), "does not fit an input of 4x4x2"),
        ("dense", {}, (32,), "not \\(inputs, outputs\\)"),
    ],
)
def test_malformed_layers_are_refused(
    type: str, params: dict[str, Any], kernel: tuple[int, ...], message: str
) -> None:
    layer = layer_of(type, **{**CONV, **params})
    with pytest.raises(UnsupportedLayerError, match=message) as caught:
        run(layer, noise(1, 4, 4, 2), parameters={"kernel": noise(*kernel) + 1})
    assert "\n" not in str(caught.value) and f"net/{type}1" in str(caught.value)


@pytest.mark.parametrize("type", ["conv", "dw", "dense", "deconv", "normalization"])
def test_layers_without_kernel_are_refused(type: str) -> None:
    with pytest.raises(UnsupportedLayerError, match="no array 'kernel'"):
        run(layer_of(type, **CONV), noise(1, 4, 4, 2))


@pytest.mark.parametrize("bias", [noise(4), np.array(["a", "b", "c"]), np.zeros(3, complex)])
def test_wrong_bias_is_refused(bias: FloatArray) -> None:
    parameters = {"kernel": noise(1, 1, 2, 3), "bias": bias}
    with pytest.raises(UnsupportedLayerError, match="'bias'"):
        run(layer_of("conv", **CONV), noise(1, 4, 4, 2), parameters=parameters)


def test_an_addend_of_another_shape_is_refused() -> None:
    layer = layer_of("conv", **CONV, elementwise_add=True)
    with pytest.raises(UnsupportedLayerError, match="is added to"):
        run(
            layer,
            noise(1, 4, 4, 2),
            noise(1, 4, 4, 2),
            parameters={"kernel": noise(1, 1, 2, 3)},
        )


def test_a_depthwise_layer_of_one_channel_behind_a_convolution_of_its_shape() -> None:
    """In one process, as layers of one network are: oneDNN keeps what it made for the first."""
    geometry = Geometry((1, 1), (1, 1), fan_in=1, fan_out=1)
    arrays = arrays_of(geometry)
    for kind in ("conv", "dw", "conv"):
        result = run(
            layer_of(kind, **geometry.params()),
            arrays.image,
            parameters={"kernel": arrays.kernel, "bias": arrays.bias},
        )
        assert_close(result, expected_convolution(geometry, arrays))
