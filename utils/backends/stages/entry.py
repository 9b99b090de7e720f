"""What a bench asks of the stages; TensorFlow is imported only when they are run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from utils.backends.embedded import load_tensorflow
from utils.backends.stages import SideBySide
from utils.dataset.calibration_set import CalibrationSet
from utils.dataset.finite import finite_batches
from utils.emulator.floats.batch_size import default_batch_size
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.har.parsed import parsed_graph
from utils.jobs.job import Job
from utils.model_script import ModelScript
from utils.stages.modified import difference
from utils.terminal.phases import Phases

if TYPE_CHECKING:
    from utils.backends.networks import Networks


def stages_of_networks(networks: Networks, job: Job, script: ModelScript | None) -> SideBySide:
    """Compare the stages of an archive whose data were measured, by the engines that did it.

    Raises
    ------
    DiagnosticError : the data are damaged, or the memory does not suffice.
    """
    if not job.stages.is_asked and (networks.settings.quick or not _is_modified(networks.model)):
        return SideBySide()
    from utils.backends.stages.side_by_side import StageSource, compared_stages

    source = StageSource(
        networks.model,
        script,
        networks.job.calibration,
        networks.settings,
        networks.floats,
        networks.quantized,
        networks.batch_size,
        networks.job.phases,
    )
    return compared_stages(source, job.stages)


def _is_modified(model: Model) -> bool:
    """Whether the optimized graph may differ from the parsed one in more than its inputs."""
    try:
        graph = parsed_graph(model)
        return graph is not None and not difference(model, graph).is_nothing
    except DiagnosticError:
        return True  # which is told where they are compared


def stages_before_quantization(
    model: Model, calibration: CalibrationSet, job: Job, script: ModelScript | None, phases: Phases
) -> SideBySide:
    """Compare the stages of an archive that has no integers yet; nothing else is measured of it.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    load_tensorflow(phases)
    from utils.backends.stages.side_by_side import StageSource, compared_stages
    from utils.emulator.floats.engine import FloatEmulator

    for _ in finite_batches(calibration, calibration.bounded_batch_size):
        pass  # whatever is not finite is told with all its samples
    settings = job.settings
    floats = FloatEmulator(
        model.float_network, model.float_parameters, settings.activation_parameters
    )
    size = settings.batch_size or default_batch_size(model.float_network)
    source = StageSource(model, script, calibration, settings, floats, None, size, phases)
    return compared_stages(source, job.stages)
