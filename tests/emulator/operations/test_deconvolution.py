"""deconv against ONNX's ConvTranspose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import FloatArray, assert_close, layer_of, noise, run
from tests.emulator.geometry import pairs
from tests.emulator.onnx_oracle import image_operator
from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError


@dataclass(frozen=True)
class Transposed:
    """One transposed convolution; height and width differ so that a mix-up shows."""

    size: tuple[int, int] = (4, 3)
    kernel: tuple[int, int] = (4, 3)
    strides: tuple[int, int] = (2, 1)
    dilations: tuple[int, int] = (1, 1)
    groups: int = 1
    fan_in: int = 2
    fan_out: int = 3

    def params(self, padding: str) -> dict[str, Any]:
        return {
            "strides": [1, *self.strides, 1],
            "dilations": [1, *self.dilations, 1],
            "padding": padding,
            "groups": self.groups,
        }

    def image(self) -> FloatArray:
        return noise(2, *self.size, self.groups * self.fan_in, seed=1)

    def kernels(self) -> FloatArray:
        """ONNX layout: (channels in, channels out per group, height, width)."""
        return noise(self.groups * self.fan_in, self.fan_out, *self.kernel, seed=2)

    def bias(self) -> FloatArray:
        return noise(self.groups * self.fan_out, seed=3)

    def expected(self, **attributes: Any) -> FloatArray:
        return image_operator(  # type: ignore[no-any-return]
            "ConvTranspose",
            self.image(),
            self.kernels(),
            self.bias(),
            strides=self.strides,
            dilations=self.dilations,
            group=self.groups,
            **attributes,
        )

    def stored(self) -> dict[str, FloatArray]:
        """Kernel as (height, width, channels in per group, channels out)."""
        parts = np.split(self.kernels(), self.groups)
        kernel = np.concatenate([part.transpose(2, 3, 0, 1) for part in parts], axis=3)
        return {"kernel": kernel, "bias": self.bias()}


SHAPES = st.builds(
    Transposed,
    size=pairs(1, 5),
    kernel=pairs(1, 4),
    strides=pairs(1, 3),
    dilations=pairs(1, 2),
    groups=st.integers(1, 3),
    fan_in=st.integers(1, 3),
    fan_out=st.integers(1, 3),
)


@settings(max_examples=examples(30), deadline=None, derandomize=True)
@given(SHAPES)
def test_without_padding_everything_is_kept(shape: Transposed) -> None:
    layer = layer_of("deconv", **shape.params("VALID"))
    assert_close(run(layer, shape.image(), parameters=shape.stored()), shape.expected())


@settings(max_examples=examples(30), deadline=None, derandomize=True)
@given(SHAPES, st.sampled_from(["DECONV", "SAME_TENSORFLOW"]))
def test_with_padding_the_size_is_multiplied_by_the_stride(shape: Transposed, mode: str) -> None:
    uncut = shape.expected(output_padding=[stride - 1 for stride in shape.strides])
    slices = []
    for axis in (0, 1):
        reach = (shape.kernel[axis] - 1) * shape.dilations[axis] + 1
        begin = max(reach - shape.strides[axis], 0) // 2
        slices.append(slice(begin, begin + shape.size[axis] * shape.strides[axis]))
    result = run(layer_of("deconv", **shape.params(mode)), shape.image(), parameters=shape.stored())
    assert_close(result, uncut[:, slices[0], slices[1]])


@pytest.mark.parametrize(
    ("kernel", "stride", "mode", "attributes"),
    [
        (2, 2, "DECONV", {}),
        (4, 2, "DECONV", {"pads": [1] * 4}),
        (8, 4, "DECONV", {"pads": [2] * 4}),
        (4, 2, "SAME", {"pads": [1] * 4}),
        (3, 2, "SAME", {"pads": [1] * 4, "output_padding": [1, 1]}),
        (5, 1, "SAME", {"pads": [2] * 4}),
    ],
)
def test_usual_upsampling_layers_of_pytorch(
    kernel: int, stride: int, mode: str, attributes: dict[str, Any]
) -> None:
    shape = Transposed((4, 5), (kernel, kernel), (stride, stride))
    result = run(layer_of("deconv", **shape.params(mode)), shape.image(), parameters=shape.stored())
    assert_close(result, shape.expected(**attributes))


def test_the_recorded_size_decides_what_is_cut() -> None:
    shape = Transposed((4, 5), (3, 3), (2, 2))
    expected = shape.expected(pads=[1] * 4)
    layer = layer_of("deconv", [expected.shape[1:]], **shape.params("DECONV"))
    assert_close(run(layer, shape.image(), parameters=shape.stored()), expected)


@pytest.mark.parametrize("groups", [1, 2])
def test_the_kernel_shape_tells_which_axis_is_the_input(groups: int) -> None:
    shape = Transposed(groups=groups)
    parts = np.split(shape.kernels(), groups)  # (in per group, out per group, height, width)
    layouts = [
        np.concatenate([part.transpose(2, 3, 0, 1) for part in parts], axis=3),
        np.concatenate([part.transpose(2, 3, 0, 1) for part in parts], axis=2),
        np.concatenate([part.transpose(2, 3, 1, 0) for part in parts], axis=3),
        np.concatenate([part.transpose(2, 3, 1, 0) for part in parts], axis=2),
    ]
    layer = layer_of("deconv", **shape.params("VALID"))
    for kernel in layouts:
        parameters = {"kernel": kernel, "bias": shape.bias()}
        assert_close(run(layer, shape.image(), parameters=parameters), shape.expected())


def test_output_channels_are_known_without_bias() -> None:
    shape = Transposed()
    expected = shape.expected() - shape.bias()
    parameters = {"kernel": shape.stored()["kernel"]}
    for recorded in ([], [expected.shape[1:]]):
        layer = layer_of("deconv", recorded, **shape.params("VALID"))
        assert_close(run(layer, shape.image(), parameters=parameters), expected)


def test_second_input_is_added() -> None:
    shape = Transposed()
    expected = shape.expected()
    layer = layer_of("deconv", **shape.params("VALID"), elementwise_add=True)
    result = run(layer, shape.image(), noise(*expected.shape), parameters=shape.stored())
    assert_close(result, expected + noise(*expected.shape))


@pytest.mark.parametrize(
    ("params", "recorded", "message"),
    [
        ({"padding": "OTHER"}, [], "padding"),
        ({"groups": 5}, [], "groups"),
        ({"groups": 2}, [], "does not lead from 2 to 3 channels"),
        ({"padding": "DECONV"}, [(100, 3, 3)], "no padding leads from 4 values to 100"),
        ({"dilations": [1, 10**6, 10**6, 1]}, [], "beyond sane bounds"),
    ],
)
def test_malformed_layers_are_refused(
    params: dict[str, Any], recorded: list[Any], message: str
) -> None:
    shape = Transposed()
    layer = layer_of("deconv", recorded, **{**shape.params("VALID"), **params})
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer, shape.image(), parameters=shape.stored())


def test_a_kernel_that_fits_nothing_is_refused() -> None:
    shape = Transposed()
    layer = layer_of("deconv", **shape.params("VALID"))
    with pytest.raises(UnsupportedLayerError, match="does not lead from 2 to 3 channels"):
        run(layer, shape.image(), parameters={"kernel": noise(4, 3, 5, 3), "bias": shape.bias()})
