"""Stand-in for contract tests: names of the SDK's modules that are the same in all versions."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import tensorflow as tf

IS_STAND_IN = True


def data_to_dataset(data: Any, data_type: str = "auto") -> tuple[tf.data.Dataset, int]:
    """A dataset of (sample, information) from an array or the path of one, and its length."""
    array = np.load(data) if isinstance(data, str) else np.asarray(data)
    samples = tf.data.Dataset.from_tensor_slices(array.astype(np.float32))
    return samples.map(lambda sample: (sample, {})), len(array)


def create_custom_logger(log_path: str, **options: Any) -> logging.Logger:
    """A logger named for a file; the stand-in does not write it."""
    return logging.getLogger(f"hailo_sdk.custom.{log_path}")
