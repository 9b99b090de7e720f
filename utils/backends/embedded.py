"""The embedded backend: the archive's own networks, run by our own engine in TensorFlow.

TensorFlow takes seconds to import, so it is imported only when data are to be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from utils.backends.opened_job import OpenedJob
from utils.backends.tensorflow_runtime import prepare_tensorflow, processors
from utils.har.network import Network
from utils.measurements import Measurements, Need
from utils.terminal.phases import timed
from utils.terminal.progress import is_watched, progress_bar

if TYPE_CHECKING:
    from utils.backends.emulation import DataPassed, Emulated
    from utils.backends.networks import Networks
    from utils.emulator.floats.engine import ParameterSource

__all__ = ["measure", "measure_model", "prepare_tensorflow", "processors"]


def measure(job: OpenedJob) -> Emulated:
    """Run the calibration set through the networks, with progress bars on a terminal.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    with timed("importing TensorFlow"):
        prepare_tensorflow()
        from utils.backends.emulation import emulated
        from utils.backends.networks import Networks

    networks = Networks(job)
    return emulated(networks, _data_pass(networks))


def _data_pass(networks: Networks) -> DataPassed:
    from utils.backends.emulation import DataPassed

    job = networks.job
    data_pass = networks.data_pass(job.need)
    with (
        timed("measuring the data"),
        progress_bar("Measuring", "samples", job.calibration.used, is_watched()) as bar,
    ):
        measured = data_pass.run(networks.first_read(networks.batch_size), bar.update)
    return DataPassed(measured, engine_noise=measured.noise)


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
    from utils.emulator.floats.engine import FloatEmulator
    from utils.emulator.measuring.engine_pass import engine_pass

    emulator = FloatEmulator(network, parameters, activation_parameters)
    return engine_pass(emulator, need, ranges).run(batches, on_batch)
