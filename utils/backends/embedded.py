"""The embedded backend: the archive's own networks, run by our own engine in TensorFlow.

TensorFlow takes seconds to import, so it is imported only when data are to be measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from utils.backends.looking import Looked
from utils.backends.opened_job import OpenedJob
from utils.backends.parts import Parts, PartsHere
from utils.backends.tensorflow_runtime import prepare_tensorflow, processors
from utils.har.network import Network
from utils.measurements import Measurements, Need
from utils.terminal.phases import Phases

if TYPE_CHECKING:
    from utils.backends.emulation import DataPassed, Emulated
    from utils.backends.networks import Networks
    from utils.emulator.floats.engine import ParameterSource

__all__ = [
    "MeasuredBefore",
    "measure",
    "measure_behind",
    "measure_model",
    "prepare_tensorflow",
    "processors",
]


def measure(job: OpenedJob) -> Emulated:
    """Run the calibration set through the networks.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    load_tensorflow(job.phases)
    from utils.backends.emulation import emulated
    from utils.backends.networks import Networks

    networks = Networks(job)
    return emulated(networks, _data_pass(networks))


@dataclass(frozen=True)
class MeasuredBefore:
    """A data pass that was run before, elsewhere or in slices.

    Parameters
    ----------
    networks : of the same archive; what was traced of them is used again.
    measurements : hands out what the pass yielded, once the data have been read; it raises a
        DiagnosticError where the pass failed.
    looked : what came of looking at the samples, all of which are finite; None where they are
        still to be looked at.
    parts : who runs what is measured behind the pass.
    """

    networks: Networks
    measurements: Callable[[], Measurements]
    looked: Looked | None = None
    parts: Parts = field(default_factory=PartsHere)


def measure_behind(before: MeasuredBefore, job: OpenedJob) -> Emulated:
    """The same as `measure`, with a data pass that was run before: the data are read at most.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : the pass failed.
    """
    from utils.backends.emulation import DataPassed, emulated

    networks = before.networks.on(job)
    with job.phases.phase("reading the data"):
        if before.looked is None:
            for _ in networks.first_read(networks.batch_size):
                pass
        else:
            networks.keep_samples()
    measured = before.measurements()
    return emulated(networks, DataPassed(measured, engine_agreement=measured.agreement))


def load_tensorflow(phases: Phases) -> None:
    """Import TensorFlow, and say so where it is not imported yet: it takes a few seconds.

    Raises
    ------
    DiagnosticError : TensorFlow is missing.
    """
    if "tensorflow" in sys.modules:
        prepare_tensorflow()
        return
    with phases.phase("importing TensorFlow", announced="Loading TensorFlow, a few seconds"):
        prepare_tensorflow()


def _data_pass(networks: Networks) -> DataPassed:
    from utils.backends import workload
    from utils.backends.emulation import DataPassed

    job, phases = networks.job, networks.job.phases
    data_pass = networks.data_pass(job.need)
    each = workload.data_pass_work(networks) / job.calibration.used
    phases.expect(workload.expected_work(networks))
    with phases.phase(workload.measuring(networks)):
        measured = data_pass.run(
            networks.first_read(networks.batch_size), lambda count: phases.advance(each * count)
        )
    return DataPassed(measured, engine_agreement=measured.agreement)


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
