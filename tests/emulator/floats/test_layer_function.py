from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from utils.emulator.floats.layer_function import LayerFunction, LayerFunctions

SPEC = tf.TensorSpec([None, 2, 2, 1])


def tensor(samples: int = 3) -> tf.Tensor:
    return tf.reshape(tf.range(samples * 4, dtype=tf.float32), [samples, 2, 2, 1])


def test_results_that_are_one_tensor_stay_one() -> None:
    def compute(operands: Sequence[tf.Tensor]) -> tuple[list[Any], str]:
        doubled = operands[0] * 2
        return [doubled, operands[1], None, doubled], "note"

    function = LayerFunction(compute, [SPEC, SPEC])
    first, second = tensor(), tensor()
    doubled, passed, nothing, again = function([first, second])
    assert doubled is again
    assert passed is second
    assert nothing is None
    assert function.note == "note"
    np.testing.assert_array_equal(doubled, first * 2)
    assert [spec and tuple(spec.shape) for spec in function.specs] == [
        (None, 2, 2, 1),
        (None, 2, 2, 1),
        None,
        (None, 2, 2, 1),
    ]


def test_any_number_of_samples_is_taken_without_compiling_anew() -> None:
    traced: list[int] = []

    def compute(operands: Sequence[tf.Tensor]) -> tuple[list[Any], None]:
        traced.append(1)
        return [operands[0] + 1], None

    functions, owner = LayerFunctions(), object()
    for samples in (1, 3, 7):
        operand = tensor(samples)
        (found,) = functions.of((owner,), compute, [operand])([operand])
        np.testing.assert_array_equal(found, operand + 1)
    assert len(traced) == 1


def test_what_depends_on_another_object_is_another_function() -> None:
    functions, operand = LayerFunctions(), tensor()
    values = [np.float32(1), np.float32(2)]
    owners = [[1], [1]]  # equal, but not the same
    for value, owner in zip(values, owners, strict=True):

        def compute(
            operands: Sequence[tf.Tensor], value: np.float32 = value
        ) -> tuple[list[Any], None]:
            return [operands[0] * value], None

        (found,) = functions.of((owner,), compute, [operand])([operand])
        np.testing.assert_array_equal(found, operand * value)
