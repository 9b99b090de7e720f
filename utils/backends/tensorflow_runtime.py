"""TensorFlow as this project uses it: quiet, on all processors, in full precision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from utils.errors import DiagnosticError


def prepare_tensorflow() -> None:
    """Import TensorFlow quietly, for all processors of this process and in full precision.

    Raises
    ------
    DiagnosticError : TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow turns these kernels on for some processors only; they halve the time on others.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    try:
        with _silent_stderr():
            import tensorflow as tf

            _configure(tf)
    except ImportError as error:
        raise DiagnosticError(
            f"TensorFlow cannot be imported ({error}), but is needed to measure data; run "
            "`pip install -r requirements.txt`, or leave out -d"
        ) from error


def _configure(tf: Any) -> None:
    tf.get_logger().setLevel("ERROR")
    # Ten bits of mantissa, which some GPUs would take, do not tell small differences.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    # These are refused once TensorFlow has run or its devices were divided up; then whoever did
    # that has set them.
    with suppress(RuntimeError, ValueError):
        tf.config.threading.set_intra_op_parallelism_threads(processors())
        # A second operation fills the gaps where the first is not worth all processors.
        tf.config.threading.set_inter_op_parallelism_threads(2)
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    # Its libraries greet on file descriptor 2 before any of their log levels are read.
    try:
        kept = os.dup(2)
    except OSError:  # a process started without (2>&-) has nothing to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
