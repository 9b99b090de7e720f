"""The data of a job, found and held against the inputs of its archive."""

from __future__ import annotations

from utils.backends.tensorflow_runtime import prepare_tensorflow
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.sources.tf_record import is_tf_record
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.jobs.job import Job
from utils.model_script import ModelScript
from utils.model_script.input_conversions import converted_shapes


def opened_data(
    job: Job, model: Model, script: ModelScript | None, count: int, whole: int = 0
) -> CalibrationSet:
    """Find the samples and check that they fit; none is read yet.

    Parameters
    ----------
    script : the archive's own; None if there is none, or it cannot be parsed.
    count, whole : as of `open_dataset`.

    Raises
    ------
    DatasetError : the file cannot be read, or does not fit the network.
    """
    if is_tf_record(job.dataset):
        prepare_tensorflow()  # it reads the records, and is to be quiet from the start
    network = model.float_network
    return open_dataset(
        job.dataset,
        network.input_layers,
        count,
        converted_shapes(network, script),
        whole,
        job.read_as,
    )


def check_format(model: Model, calibration: CalibrationSet) -> None:
    """Refuse to run data that are in the format behind a conversion of the input.

    Raises
    ------
    DiagnosticError : they are.
    """
    for layer in model.float_network.input_layers:
        shape = calibration.inputs[layer.name].shape
        if shape != layer.output_shape:
            raise DiagnosticError(
                f"{calibration.path} holds samples {shape} for {layer.described()}, which takes "
                f"{layer.output_shape}: they fit behind the input_conversion of the model script, "
                "where the compiler takes them from, but cannot be measured from there; save them "
                "in the format of the input to have them measured"
            )
