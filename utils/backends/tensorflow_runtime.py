"""TensorFlow as this project uses it: quiet, on the device chosen, in full precision."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from utils.errors import DiagnosticError
from utils.errors.faults import machine_fault
from utils.measurements.device_names import AUTO, CPU, GPU
from utils.tool import install_command

LEGACY_KERAS = "TF_USE_LEGACY_KERAS"
# TensorFlow has its devices once for the whole process, so the choice is one for it as well.
_chosen = {"device": AUTO}
_most_threads: list[int] = []


def limit_threads(most: int) -> None:
    """Say how many threads TensorFlow may use once it is prepared, at least 1."""
    _most_threads[:] = [most]


def choose_device(device: str) -> None:
    """Say where TensorFlow is to run once it is prepared.

    Parameters
    ----------
    device : one of `device_names.CHOICES`; ``auto`` takes a GPU where TensorFlow sees one.
    """
    _chosen["device"] = device


def uses_gpu() -> bool:
    """Whether TensorFlow was prepared, and may use a GPU."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and bool(tensorflow.config.get_visible_devices("GPU"))


@contextmanager
def on_cpu() -> Iterator[None]:
    """Run what this thread runs on the CPU, although TensorFlow may use a GPU already."""
    import tensorflow as tf

    with tf.device("/CPU:0"):
        yield


def prepare_tensorflow() -> None:
    """Import TensorFlow quietly, for the device chosen and in full precision.

    Raises
    ------
    DiagnosticError : TensorFlow is not installed or broken, or sees no GPU though one was asked
        for.
    """
    try:
        with _silent_stderr():
            _configure(import_tensorflow())
    except DiagnosticError:
        raise
    except (Exception, SystemExit) as error:  # a broken installation may raise anything
        if fault := machine_fault(error):
            raise DiagnosticError(
                f"TensorFlow cannot be imported: {fault}; leave out -d for the static checks"
            ) from error
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DiagnosticError(
            f"TensorFlow cannot be imported ({reason}), but is needed to measure data; run "
            f"`{install_command('tensorflow')}`, or leave out -d"
        ) from error


def import_tensorflow() -> Any:
    """The module, not yet configured: nothing is known of devices here."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow turns these kernels on for some processors only; they halve the time on others.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    # On a GPU, these convolutions divide by 6 and 24 on the way: sums of integers are not whole.
    os.environ.setdefault("TF_ENABLE_WINOGRAD_NONFUSED", "0")
    if "tensorflow" in sys.modules:
        return importlib.import_module("tensorflow")
    with _without_collection(), _without_keras():
        tensorflow = importlib.import_module("tensorflow")
    # Where it looked for Keras 2, and found none, it is left with a folder that is no name.
    tensorflow.__path__ = [folder for folder in getattr(tensorflow, "__path__", ()) if folder]
    return tensorflow


@contextmanager
def _without_keras() -> Iterator[None]:
    """Have TensorFlow leave out Keras, a tenth of its import; who asks for it later gets it.

    It is left out where TensorFlow is told to take Keras 2, and that is not installed. Older ones
    would not find Keras ever after.
    """
    is_told = LEGACY_KERAS in os.environ or importlib.util.find_spec("tf_keras") is not None
    if is_told or not _keras_serves_tensorflow():
        yield
        return
    os.environ[LEGACY_KERAS] = "1"
    try:
        yield
    finally:
        del os.environ[LEGACY_KERAS]


def _keras_serves_tensorflow() -> bool:
    """Whether Keras holds what TensorFlow imports as its own; Keras itself is not imported."""
    found = importlib.util.find_spec("keras")
    return any(
        os.path.isdir(os.path.join(folder, "_tf_keras"))
        for folder in (found.submodule_search_locations or () if found else ())
    )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Search no garbage among hundreds of thousands of objects that stay, nor ever after."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


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
        _place(tf, tf.config.list_physical_devices("GPU"))
    if not tf.config.get_visible_devices("GPU"):
        # Functions of one layer leave a processor's optimizers little to do, and these take longer
        # than all of the tracing: they write constants of bytes as text, several times.
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _place(tf: Any, gpus: Sequence[Any]) -> None:
    device = _chosen["device"]
    if device == GPU and not gpus:
        raise DiagnosticError(
            "TensorFlow sees no GPU, and --device gpu allows nothing else; install its GPU "
            "libraries (pip install 'tensorflow[and-cuda]'), or leave out --device"
        )
    if device == CPU:
        tf.config.set_visible_devices([], "GPU")
        return
    for gpu in gpus:
        # All of the memory at once is TensorFlow's default, whatever else runs there.
        tf.config.experimental.set_memory_growth(gpu, True)


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
    return min([_processors_of_process(), *_most_threads])


def _processors_of_process() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
