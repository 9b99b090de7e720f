"""Products of two tensors, per group of channels (the heads of an attention layer)."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from utils.emulator.operations.attributes import array, flag, operands, static_shape, unsupported
from utils.emulator.operations.broadcasting import repeated_and_tiled
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.grouping import grouped, groups_of
from utils.har.network import Layer


def matmul(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Rows of input 0 (its width) times the matrix in input 1 (its width by its channels)."""
    if "kernel" in parameters:
        return _by_constant(layer, parameters, inputs)
    left, right = repeated_and_tiled(layer, operands(layer, inputs, 2))
    if flag(layer, "transpose_matmul_input"):
        right = tf.transpose(right, [0, 1, 3, 2])
    return contracted(layer, left, right, groups_of(layer, static_shape(left)[2]))


def contracted(layer: Layer, left: tf.Tensor, right: tf.Tensor, groups: int) -> tf.Tensor:
    """(H, W, groups * K) times a matrix per group, giving (H, W, groups * M).

    The matrices stand beside each other, (K, groups * M), or below each other,
    (groups * K, M); the width of `right` tells which.
    """
    height, width, channels = static_shape(left)
    rows, inner, outer = static_shape(right)
    depth = channels // groups
    if rows not in (1, height):
        raise unsupported(layer, f"{height} rows of matrices are multiplied by {rows}")
    if inner == depth and outer % groups == 0:
        matrices = tf.transpose(grouped(right, groups), [0, 1, 3, 2, 4])
        outer //= groups
    elif inner == channels:
        matrices = tf.reshape(right, [-1, rows, groups, depth, outer])
    else:
        raise unsupported(
            layer,
            f"matrices of {depth} columns in {groups} groups are multiplied by {inner}x{outer}",
        )
    vectors = tf.transpose(grouped(left, groups), [0, 1, 3, 2, 4])
    product = tf.matmul(vectors, matrices)
    return tf.reshape(tf.transpose(product, [0, 1, 3, 2, 4]), [-1, height, width, groups * outer])


def _by_constant(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    (tensor,) = operands(layer, inputs, 1)
    kernel = array(layer, parameters, "kernel")
    matrix = kernel.reshape(-1, kernel.shape[-1]) if kernel.ndim else kernel
    if matrix.shape[:1] != (static_shape(tensor)[2],):
        raise unsupported(
            layer,
            f"its kernel {kernel.shape} does not fit {static_shape(tensor)[2]} channels",
        )
    return tf.matmul(tensor, matrix)


OPERATIONS: dict[str, Operation] = {"matmul": matmul}
