"""The embedded backend: the archive's float network, run by our own engine in TensorFlow.

TensorFlow takes seconds to import, so it is imported only when data are to be measured.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from utils.dataset import CalibrationSet, finite_batches
from utils.emulator.batch_size import default_batch_size
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.har.network import Network
from utils.measurements import Measurements, Need
from utils.range_trial import MAX_TRIALS, RangeChange, RangeTrial, narrowed

if TYPE_CHECKING:
    from utils.emulator.engine import ParameterSource

NAME = "embedded"
TRIAL_SAMPLES = 32  # a trial compares two SNRs on the same samples, which needs few of them


def measure(
    model: Model,
    calibration: CalibrationSet,
    need: Need,
    activation_parameters: Mapping[str, float],
    batch_size: int | None = None,
) -> Measurements:
    """Run the calibration set through the float network, with a progress bar on a terminal.

    Parameters
    ----------
    batch_size : samples at once; by default what suits the size of the network.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    from tqdm import tqdm

    network = model.float_network
    with tqdm(
        total=calibration.used, desc="Measuring", unit="sample", leave=False, disable=_no_bar()
    ) as bar:
        return measure_model(
            network,
            model.float_parameters,
            finite_batches(calibration, batch_size or default_batch_size(network)),
            need,
            model.calibrated_ranges(),
            activation_parameters,
            bar.update,
        )


def measure_model(
    network: Network,
    parameters: ParameterSource,
    batches: Iterable[Mapping[str, NDArray[Any]]],
    need: Need,
    ranges: Mapping[str, tuple[float, float]],
    activation_parameters: Mapping[str, float],
    on_batch: Callable[[int], object],
) -> Measurements:
    """Run batches through a float network and measure every layer that can be emulated.

    Parameters
    ----------
    parameters : float weights of the network.
    batches : samples (n, height, width, channels) by name of the input layer.
    ranges : calibrated range by layer, for histograms.
    activation_parameters : what the user says about activations, by name.
    on_batch : called after each batch with its number of samples.
    """
    prepare_tensorflow()
    from utils.emulator.engine import FloatEmulator
    from utils.emulator.measure import measure

    emulator = FloatEmulator(network, parameters, activation_parameters)
    return measure(emulator, batches, need, ranges, on_batch)


def try_ranges(
    model: Model,
    calibration: CalibrationSet,
    ranges: Mapping[str, tuple[float, float]],
    activation_parameters: Mapping[str, float],
    batch_size: int | None = None,
) -> dict[str, RangeTrial]:
    """Try output ranges, one layer at a time, on the first samples of the calibration set.

    Parameters
    ----------
    ranges : recommended (low, high) by layer. Those that narrow a range most are tried; layers
        without a stored encoding are left out.

    Raises
    ------
    DiagnosticError : TensorFlow is missing, fails, or the memory does not suffice.
    """
    changes = _most_narrowing(model, ranges)
    if not changes:
        return {}
    prepare_tensorflow()
    from tqdm import tqdm

    from utils.emulator.engine import FloatEmulator
    from utils.emulator.trial import measured_snr

    emulator = FloatEmulator(model.float_network, model.float_parameters, activation_parameters)
    few = replace(calibration, used=min(calibration.used, TRIAL_SAMPLES))
    size = batch_size or default_batch_size(model.float_network)
    return {
        name: RangeTrial(*measured_snr(emulator, few.batches(size), name, change))
        for name, change in tqdm(changes.items(), desc="Trying", leave=False, disable=_no_bar())
        if name not in emulator.not_measured
    }


def _no_bar() -> bool:
    return sys.stderr is None or not sys.stderr.isatty()


def _most_narrowing(
    model: Model, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, RangeChange]:
    changes = {}
    for name, (low, high) in ranges.items():
        encoding, code = model.encoding(name), model.highest_code(name)
        if encoding is not None:
            changes[name] = RangeChange(encoding, narrowed(encoding, low, high, code), code)
    order = sorted(changes, key=lambda name: changes[name].ratio)
    return {name: changes[name] for name in order[:MAX_TRIALS]}


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
    # These are refused once TensorFlow has run; then they have been set before.
    with suppress(RuntimeError):
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
