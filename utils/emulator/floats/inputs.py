"""Batches of the data as the tensors that enter a network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from utils.dataset.calibration_set import Batch
from utils.errors import DatasetError
from utils.har.network import Shape


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
    return {
        name: tf.convert_to_tensor(np.asarray(batch[name], dtype=np.float32)) for name in shapes
    }
