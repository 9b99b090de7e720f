"""The contract between the engine and what computes a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

from utils.har.network import Layer

# Float arrays of one layer by key without tensor index, e.g. "kernel", "bias".
Parameters = Mapping[str, NDArray[Any]]

# Tensors are float32 of shape (batch, height, width, channels); only the batch is dynamic.
# The result is what the layer computes before its activation; splitters return a tuple with
# one tensor per successor.
Operation = Callable[[Layer, Parameters, Sequence[tf.Tensor]], tf.Tensor | tuple[tf.Tensor, ...]]
