"""The embedded backend: the archive's own networks, run by our own engine in TensorFlow.

TensorFlow takes seconds to import, so it is imported only when data are to be measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from utils.backends.tensorflow_runtime import prepare_tensorflow, processors
from utils.dataset.calibration_set import Batch, CalibrationSet
from utils.har.model import Model
from utils.har.network import Network
from utils.measurements import Measurements, Need
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB
from utils.terminal.phases import timed

if TYPE_CHECKING:
    from utils.backends.emulation import Emulation
    from utils.emulator.floats.engine import ParameterSource

__all__ = ["NAME", "Settings", "measure", "measure_model", "prepare_tensorflow", "processors"]

NAME = "embedded"


@dataclass(frozen=True)
class Settings:
    """What the user decides about an emulation.

    Parameters
    ----------
    activation_parameters : numbers of activations that the archive does not hold, by name.
    batch_size : samples at once; None takes what suits the size of the network.
    target : chip for which 16-bit layers are chosen; "" takes the archive's own.
    target_db : SNR that a plan for 16-bit layers has to reach at every output.
    exact_sensitivity : measure what every layer does to the outputs, instead of estimating it.
    """

    activation_parameters: Mapping[str, float] = field(default_factory=dict)
    batch_size: int | None = None
    target: str = ""
    target_db: float = DEFAULT_TARGET_DB
    exact_sensitivity: bool = False


def measure(
    model: Model,
    calibration: CalibrationSet,
    need: Need,
    settings: Settings,
    on_read: Callable[[Batch], object] = lambda batch: None,
) -> Emulation:
    """Run the calibration set through the networks, with progress bars on a terminal.

    Parameters
    ----------
    on_read : called with every batch of the data as it is read, in order and each sample once.

    Returns
    -------
    The measurements, together with what trials need.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    with timed("importing TensorFlow"):
        prepare_tensorflow()
        from utils.backends.emulation import Emulation

    return Emulation(model, calibration, need, settings, shows_progress(), on_read)


def shows_progress() -> bool:
    """Whether somebody is there to see progress bars."""
    return sys.stderr is not None and sys.stderr.isatty()


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
    from utils.emulator.measuring.data_pass import DataPass

    emulator = FloatEmulator(network, parameters, activation_parameters)
    return DataPass(emulator, need, ranges).run(batches, on_batch)
