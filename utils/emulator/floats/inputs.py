"""Batches of the data as the tensors that enter a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch
from utils.emulator.kernels.compiled import as_tensor, empty_bytes
from utils.errors import DatasetError
from utils.har.network import Shape

_FLOAT_BYTES = 4


def input_tensors(batch: Batch, shapes: Mapping[str, Shape]) -> dict[str, tf.Tensor]:
    """A batch as float32 tensors (batch, height, width, channels) by input.

    Parameters
    ----------
    shapes : (height, width, channels) by name of the input layer.

    Raises
    ------
    DatasetError : an input is missing, has another shape, or numbers of samples differ.
    """
    missing = [name for name in shapes if name not in batch]
    if missing:
        raise DatasetError(f"the batch holds no samples for {', '.join(missing)}")
    for name, shape in shapes.items():
        if np.shape(batch[name])[1:] != shape:
            raise DatasetError(
                f"samples of {name} have shape {np.shape(batch[name])[1:]}, expected is {shape}"
            )
    if len({len(batch[name]) for name in shapes}) > 1:
        raise DatasetError("the inputs of a batch hold different numbers of samples")
    return {name: _as_tensor(batch[name]) for name in shapes}


def _as_tensor(array: NDArray[Any]) -> tf.Tensor:
    if tf.config.get_visible_devices("GPU"):
        return tf.convert_to_tensor(np.asarray(array, dtype=np.float32))
    # Right into the memory of the tensor: a batch may be large, and would be copied once more.
    values = empty_bytes((array.size, _FLOAT_BYTES)).view(np.float32).reshape(array.shape)
    np.copyto(values, array, casting="unsafe")
    return as_tensor(values)
