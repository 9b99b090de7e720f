"""Runs one layer as the engine does: traced, with a dynamic batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.operations.registry import operation_for
from utils.har.network import Layer, Shape

FloatArray = NDArray[Any]

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def layer_of(type: str, output_shapes: Sequence[Shape] = (), **params: Any) -> Layer:
    return Layer(name=f"net/{type}1", type=type, output_shapes=tuple(output_shapes), params=params)


def floats(values: Any) -> FloatArray:
    return np.array(values, np.float32)


def noise(*shape: int, seed: int = 0) -> FloatArray:
    """Reproducible values around 0, of about size 1."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def run(layer: Layer, *inputs: FloatArray, parameters: Mapping[str, Any] | None = None) -> Any:
    """What the layer computes before its activation, as an array or a tuple of arrays."""
    operation = operation_for(layer)

    def compute(*tensors: tf.Tensor) -> Any:
        return operation(layer, parameters or {}, tensors)

    signature = [tf.TensorSpec([None, *array.shape[1:]], tf.float32) for array in inputs]
    result = tf.function(compute, input_signature=signature, autograph=False)(*inputs)
    if isinstance(result, tuple):
        return tuple(part.numpy() for part in result)
    return result.numpy()


def assert_close(actual: FloatArray, expected: FloatArray, tolerance: float = 1e-5) -> None:
    """Same shape, and equal to within `tolerance` of the expected range."""
    assert actual.shape == expected.shape
    np.testing.assert_allclose(
        actual, expected, rtol=tolerance, atol=tolerance * max(1.0, float(np.abs(expected).max()))
    )
