"""Reductions as compiled functions that serve all layers: every size of their tensor is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

FOUR_AXES = (None, None, None, None)  # batch, height, width, channels


def open_shaped(
    *operands: tf.DType | tf.TensorSpec,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function once for tensors of any size.

    Parameters
    ----------
    operands : types of tensors with four axes, or specifications of others.
    """
    specs = [
        operand if isinstance(operand, tf.TensorSpec) else tf.TensorSpec(FOUR_AXES, operand)
        for operand in operands
    ]

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        traced: Callable[..., Any] = tf.function(function, input_signature=specs, autograph=False)
        return traced

    return compiled


def on_host(tensors: Mapping[str, tf.Tensor]) -> dict[str, NDArray[Any]]:
    """The tensors as arrays."""
    return {name: tensor.numpy() for name, tensor in tensors.items()}
