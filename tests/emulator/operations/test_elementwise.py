"""Arithmetic of two tensors, factors, powers and constants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import run_onnx
from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError

OPERATORS = {
    "ew_add": "Add",
    "ew_sub": "Sub",
    "ew_mult": "Mul",
    "ew_div": "Div",
    "ew_max": "Max",
    "ew_min": "Min",
}


@pytest.mark.parametrize(("type", "operator"), OPERATORS.items())
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 1, 1, 5), (2, 3, 1, 1)])
def test_two_inputs_in_their_order(type: str, operator: str, shape: tuple[int, ...]) -> None:
    first, second = noise(2, 3, 4, 5), noise(*shape, seed=1)
    assert_close(run(layer_of(type), first, second), run_onnx(operator, first, second))


FACTORS = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=examples(40), deadline=None, derandomize=True)
@given(FACTORS, FACTORS)
def test_repeats_are_aabb_and_tiles_are_abab(
    repeats: tuple[int, int, int], tiles: tuple[int, int, int]
) -> None:
    small = noise(2, 2, 3, 2)
    large = small
    for axis, factor in enumerate(repeats, start=1):
        large = np.repeat(large, factor, axis=axis)
    large = run_onnx("Tile", large, np.array([1, *tiles], np.int64))
    other = noise(*large.shape, seed=1)
    layer = layer_of(
        "ew_sub", input_repeats=[[1, 1, 1], [*repeats]], input_tiles=[[1, 1, 1], [*tiles]]
    )
    assert_close(run(layer, other, small), other - large)


def test_a_square_or_a_factor_per_channel() -> None:
    image, factors = noise(2, 3, 4, 5), noise(5, seed=1)
    square = layer_of("feature_multiplier", feature_multiplier_type="square")
    assert_close(run(square, image), run_onnx("Mul", image, image))
    assert_close(run(layer_of("square"), image), run_onnx("Mul", image, image))
    given_factors = layer_of("feature_multiplier", feature_multiplier_type="user_specified")
    for stored in (factors, factors.reshape(1, 1, 5, 1)):
        result = run(given_factors, image, parameters={"kernel": stored})
        assert_close(result, run_onnx("Mul", image, factors))


@pytest.mark.parametrize("exponent", [2.0, 3.0, 0.5, -1.0])
def test_pow_takes_its_stored_exponent(exponent: float) -> None:
    image = np.abs(noise(2, 3, 4, 5)) + 0.1
    result = run(layer_of("pow"), image, parameters={"exponent": np.float32(exponent)})
    assert_close(result, run_onnx("Pow", image, np.array(exponent, np.float32)))


@pytest.mark.parametrize("tiles", [None, [[1, 1, 1]], [[2, 3, 2]]])
def test_a_constant_has_a_batch_of_one(tiles: Any) -> None:
    data = noise(3, 2, 4)
    expected = np.tile(data, (tiles or [[1, 1, 1]])[0])[None]
    layer = layer_of("const_input", input_tiles=tiles)
    assert_close(run(layer, parameters={"const_data": data}), expected)


@pytest.mark.parametrize(("shape", "expected"), [((4,), (1, 1, 1, 4)), ((2, 4), (1, 1, 2, 4))])
def test_a_constant_of_lower_rank_has_channels_last(
    shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    data = noise(*shape)
    result = run(layer_of("const_input"), parameters={"const_data": data})
    assert_close(result, data.reshape(expected))


IMAGE = noise(1, 2, 2, 3)


@pytest.mark.parametrize(
    ("type", "params", "images", "parameters", "message"),
    [
        ("ew_add", {}, 1, {}, "1 inputs where 2"),
        ("ew_add", {}, 3, {}, "3 inputs where 2"),
        ("ew_add", {"input_repeats": [[1, 2, 1], [1, 1, 1]]}, 2, {}, "its inputs have shapes"),
        ("ew_add", {"input_repeats": [[1, 2, 1]]}, 2, {}, "one \\[height, width, features\\]"),
        ("ew_add", {"input_tiles": [[0, 1, 1], [1, 1, 1]]}, 2, {}, "input_tiles"),
        ("ew_add", {"input_tiles": [[10**9] * 3, [1, 1, 1]]}, 2, {}, "beyond sane bounds"),
        ("ew_add", {"input_repeats": [[10**9] * 3, [1, 1, 1]]}, 2, {}, "beyond sane bounds"),
        ("ew_mult", {"is_softmax_mask": True}, 2, {}, "mask of a softmax"),
        ("feature_multiplier", {}, 1, {}, "feature_multiplier_type is missing"),
        ("feature_multiplier", {"feature_multiplier_type": "cube"}, 1, {}, "'cube'"),
        (
            "feature_multiplier",
            {"feature_multiplier_type": "user_specified"},
            1,
            {"kernel": noise(2)},
            "for 3 channels",
        ),
        ("pow", {}, 1, {}, "no exponent"),
        ("pow", {}, 1, {"exponent": noise(3)}, "not one number"),
        ("const_input", {}, 0, {}, "no array 'const_data'"),
        ("const_input", {}, 0, {"const_data": noise(1, 1, 1, 2)}, "not \\(H, W, C\\)"),
    ],
)
def test_malformed_layers_are_refused(
    type: str, params: dict[str, Any], images: int, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, **params), *[IMAGE] * images, parameters=parameters)
