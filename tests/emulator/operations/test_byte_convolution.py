"""Convolutions of bytes against onnxruntime, on whole numbers that float32 holds exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import FloatArray, layer_of
from tests.emulator.geometry import Geometry, pairs
from tests.emulator.onnx_oracle import image_operator
from tests.house.fuzzing import examples
from utils.emulator.operations import byte_convolution
from utils.emulator.operations.convolution import convolution

GEOMETRIES = st.builds(
    Geometry,
    size=pairs(1, 9),
    kernel=pairs(1, 4),
    strides=pairs(1, 3),
    dilations=pairs(1, 2),
    padding=st.sampled_from(["VALID", "SAME", "SAME_TENSORFLOW"]),
    groups=st.integers(1, 2),
    fan_in=st.sampled_from([1, 2, 3, 16, 33]),
    fan_out=st.sampled_from([1, 2, 3, 17]),
)

pytestmark = pytest.mark.skipif(
    not byte_convolution.is_exact(), reason="this machine multiplies no bytes"
)


def summed(
    geometry: Geometry, codes: FloatArray, kernel: FloatArray, padded_with: int
) -> FloatArray:
    layer = layer_of("conv", **geometry.params())
    arrays = {"kernel": kernel, "padding_const_value": np.float32(padded_with)}
    spec = [tf.TensorSpec([None, *codes.shape[1:]], tf.uint8)]
    run = tf.function(
        lambda tensor: convolution(layer, arrays, [tensor]), input_signature=spec, autograph=False
    )
    found: FloatArray = run(codes).numpy()
    return found


def expected(
    geometry: Geometry, codes: FloatArray, kernel: FloatArray, padded_with: int
) -> FloatArray:
    """Zeros around what differs from the padding, and the padding's own sum added to that."""
    attributes = geometry.onnx_attributes()
    weights = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    shifted = codes.astype(np.float32) - padded_with
    found = image_operator("Conv", shifted, weights, **attributes)
    return np.asarray(found + padded_with * weights.sum(axis=(1, 2, 3)))


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(GEOMETRIES, st.integers(0, 255), st.integers(0, 2**16))
def test_sums_are_exact(geometry: Geometry, padded_with: int, seed: int) -> None:
    assume(geometry.fits())
    random = np.random.default_rng(seed)
    outputs = geometry.groups * geometry.fan_out
    codes = random.integers(0, 256, (2, *geometry.size, geometry.channels), np.uint8)
    kernel = random.integers(-128, 128, (*geometry.kernel, geometry.fan_in, outputs))
    found = summed(geometry, codes, kernel.astype(np.float32), padded_with)
    np.testing.assert_array_equal(
        found, expected(geometry, codes, kernel.astype(np.float32), padded_with)
    )


@pytest.mark.parametrize("weight", [-128, 127])
def test_sums_are_exact_up_to_the_limit_of_float32(weight: int) -> None:
    geometry = Geometry(size=(5, 5), fan_in=57, fan_out=33)
    codes = np.full((1, 5, 5, 57), 255, np.uint8)
    codes[0, 0, 0, 0] = 254  # an odd one out
    kernel = np.full((3, 3, 57, 33), weight, np.float32)
    found = summed(geometry, codes, kernel, 0)
    assert found.dtype == np.int32
    assert set(found.ravel()) == {255 * weight * 513, 255 * weight * 513 - weight}


@pytest.mark.parametrize(
    ("weight", "fits"), [(-128, True), (127, True), (-129, False), (128, False)]
)
def test_bytes_are_told_from_wider_numbers(weight: int, fits: bool) -> None:
    assert byte_convolution.holds_bytes(np.array([0, weight], np.float32)) == fits


@pytest.fixture
def another_machine() -> Iterator[None]:
    byte_convolution.is_exact.cache_clear()
    yield
    byte_convolution.is_exact.cache_clear()


@pytest.mark.usefixtures("another_machine")
def test_a_machine_that_adds_pairs_in_16_bit_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    right = byte_convolution.byte_convolution

    def saturating(codes: tf.Tensor, kernel: FloatArray, strides: list[int]) -> tf.Tensor:
        return tf.minimum(right(codes, kernel, strides), 32767)

    monkeypatch.setattr(byte_convolution, "byte_convolution", saturating)
    assert not byte_convolution.is_exact()


@pytest.mark.usefixtures("another_machine")
def test_a_build_without_the_operation_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(codes: tf.Tensor, kernel: FloatArray, strides: list[int]) -> tf.Tensor:
        raise tf.errors.UnimplementedError(None, None, "no such kernel")

    monkeypatch.setattr(byte_convolution, "byte_convolution", absent)
    assert not byte_convolution.is_exact()
