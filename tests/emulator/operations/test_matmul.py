"""matmul against onnxruntime's MatMul, as attention layers use it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import FloatArray, assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import run_onnx
from utils.errors import UnsupportedLayerError

TOKENS, HEADS, DEPTH = 5, 3, 4


def heads_apart(tensor: FloatArray) -> Any:
    """(N, 1, tokens, heads * depth) to (N, heads, tokens, depth)."""
    batch, _, tokens, channels = tensor.shape
    return tensor.reshape(batch, tokens, HEADS, channels // HEADS).transpose(0, 2, 1, 3)


def heads_beside_each_other(tensor: FloatArray) -> Any:
    batch, heads, tokens, depth = tensor.shape
    return tensor.transpose(0, 2, 1, 3).reshape(batch, 1, tokens, heads * depth)


@pytest.mark.parametrize("height", [1, 3])
@pytest.mark.parametrize("rows", [1, 3])
def test_one_matrix_per_row_or_for_all_rows(height: int, rows: int) -> None:
    left, right = noise(2, height, 4, 5), noise(2, min(rows, height), 5, 6, seed=1)
    assert_close(run(layer_of("matmul"), left, right), run_onnx("MatMul", left, right))


def test_transposed_second_input() -> None:
    left, right = noise(2, 1, 4, 5), noise(2, 1, 6, 5, seed=1)
    expected = run_onnx("MatMul", left, right.transpose(0, 1, 3, 2).copy())
    assert_close(run(layer_of("matmul", transpose_matmul_input=True), left, right), expected)


def test_scores_of_all_heads() -> None:
    """Queries by keys: what each head sees are its own channels of both."""
    queries = noise(2, 1, TOKENS, HEADS * DEPTH)
    keys = noise(2, 1, TOKENS + 1, HEADS * DEPTH, seed=1)
    expected = run_onnx(
        "MatMul", heads_apart(queries), heads_apart(keys).transpose(0, 1, 3, 2).copy()
    )
    layer = layer_of("matmul", groups=HEADS, transpose_matmul_input=True)
    assert_close(run(layer, queries, keys), heads_beside_each_other(expected))


def test_values_of_all_heads() -> None:
    """Probabilities by values: the matrices of the heads stand beside each other."""
    probabilities = noise(2, 1, TOKENS, HEADS * (TOKENS + 1))
    values = noise(2, 1, TOKENS + 1, HEADS * DEPTH, seed=1)
    expected = run_onnx("MatMul", heads_apart(probabilities), heads_apart(values))
    layer = layer_of("matmul", groups=HEADS)
    assert_close(run(layer, probabilities, values), heads_beside_each_other(expected))


def test_keys_shared_by_all_heads_are_tiled() -> None:
    queries = noise(2, 1, TOKENS, HEADS * DEPTH)
    keys = noise(2, 1, TOKENS, DEPTH, seed=1)
    expected = run_onnx("MatMul", heads_apart(queries), keys.transpose(0, 1, 3, 2).copy())
    layer = layer_of(
        "matmul",
        groups=HEADS,
        transpose_matmul_input=True,
        input_tiles=[[1, 1, 1], [1, 1, HEADS]],
    )
    assert_close(run(layer, queries, keys), heads_beside_each_other(expected))


@pytest.mark.parametrize("shape", [(5, 7), (1, 1, 5, 7)])
def test_a_stored_kernel_is_the_second_operand(shape: tuple[int, ...]) -> None:
    left, kernel = noise(2, 3, 4, 5), noise(*shape, seed=1)
    expected = run_onnx("MatMul", left, kernel.reshape(5, 7))
    assert_close(run(layer_of("matmul"), left, parameters={"kernel": kernel}), expected)


@pytest.mark.parametrize(
    ("params", "right", "message"),
    [
        ({}, (1, 1, 6, 5), "4 columns in 1 groups are multiplied by 6x5"),
        ({}, (1, 2, 4, 5), "3 rows of matrices are multiplied by 2"),
        ({"groups": 3}, (1, 1, 4, 5), "3 groups"),
        ({"groups": 2}, (1, 1, 2, 5), "multiplied by 2x5"),
        ({"transpose_matmul_input": 2}, (1, 1, 4, 5), "transpose_matmul_input"),
    ],
)
def test_malformed_layers_are_refused(
    params: dict[str, Any], right: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of("matmul", **params), noise(1, 3, 3, 4), noise(*right))


def test_a_kernel_of_other_channels_is_refused() -> None:
    for kernel in (noise(3, 4), np.float32(1.0)):
        with pytest.raises(UnsupportedLayerError, match="does not fit 4 channels"):
            run(layer_of("matmul"), noise(1, 1, 2, 4), parameters={"kernel": kernel})
