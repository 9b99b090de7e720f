"""What TensorFlow raises while it runs, as one sentence with a next step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from utils.errors import DiagnosticError, GpuMemoryError

# What TensorFlow and the libraries below it say where a GPU's memory is full; only some of it
# comes as a ResourceExhaustedError.
_FULL = ("out of memory", "out_of_memory", "alloc_failed", "dst tensor is not initialized")
# What comes of oneDNN where the memory of the machine is full: 1 is its dnnl_out_of_memory
# (dnnl_common_types.h), and TensorFlow passes it on as an operation that was aborted.
_ONEDNN_FULL = "received an exception:status: 1,"
_NODE = re.compile(r"\{\{[^}]*\}\}\s*")  # which of TensorFlow's own functions it was


@contextmanager
def failures_in_words(samples: int) -> Iterator[None]:
    """Turn what TensorFlow raises while it runs a batch into one sentence.

    Raises
    ------
    DiagnosticError : the memory does not suffice for so many samples, or TensorFlow fails.
    GpuMemoryError : the memory of a GPU does not suffice for so many samples.
    """
    sentence = f"the memory does not suffice for {samples} samples at once; try --batch-size 1"
    try:
        yield
    except tf.errors.OpError as error:
        if tf.config.get_visible_devices("GPU") and _is_about_memory(error):
            raise GpuMemoryError(sentence) from error
        if _is_about_main_memory(error):
            raise DiagnosticError(sentence) from error
        reason = _NODE.sub("", str(error.message)).partition("\n")[0]
        raise DiagnosticError(
            f"TensorFlow failed to run the network ({reason}); try --batch-size 1, or leave out -d "
            "for the static checks"
        ) from error


def _is_about_main_memory(error: tf.errors.OpError) -> bool:
    is_exhausted = isinstance(error, tf.errors.ResourceExhaustedError)
    return is_exhausted or _ONEDNN_FULL in str(error.message).lower()


def _is_about_memory(error: tf.errors.OpError) -> bool:
    message = str(error.message).lower()
    is_exhausted = isinstance(error, tf.errors.ResourceExhaustedError)
    return is_exhausted or any(words in message for words in _FULL)
