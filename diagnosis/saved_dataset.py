"""The samples as one file that the compiler takes, whatever they lay in before."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import IO

import numpy as np

from diagnosis.data import job_of
from diagnosis.inputs import Inputs
from diagnosis.output_files import write_stream
from utils.backends.opened_data import opened_data
from utils.dataset.calibration_set import CalibrationSet
from utils.dataset.facts import MOST_SAVED
from utils.errors import DiagnosticError, UsageError
from utils.measurements import Need
from utils.options.options import Options
from utils.report import Report
from utils.terminal.interruptions import interruptible, interruption
from utils.terminal.logger import LOGGER
from utils.terminal.phases import timed
from utils.terminal.prompts import Prompter
from utils.wording import plural

NPZ = ".npz"


def check_saved_path(options: Options, inputs: Inputs) -> None:
    """Refuse a path whose ending does not fit the network, before anything is measured.

    Raises
    ------
    UsageError : samples of several inputs do not fit into an npy file.
    """
    count = len(inputs.model.float_network.input_layers)
    if options.save_dataset and count > 1 and not options.save_dataset.endswith(NPZ):
        raise UsageError(
            f"the network has {count} inputs, so --save-dataset writes an npz file; give it a name "
            f"that ends in {NPZ}"
        )


def with_saved_dataset(
    report: Report, inputs: Inputs, options: Options, prompter: Prompter
) -> Report:
    """Write the samples where that was asked for, and where there are any.

    They are read once more, batch by batch: what was measured may be fewer of them.
    """
    if not options.save_dataset or report.calibration is None:
        return report

    def may_overwrite(path: str) -> bool:
        return prompter.confirm(f"{path} exists. Overwrite it?", False)

    try:
        with timed("writing the samples"), interruptible():
            _save(options, inputs, options.save_dataset, may_overwrite)
    except KeyboardInterrupt:
        said = f"{options.save_dataset} was not written: interrupted by {interruption()}"
        LOGGER.error("%s", said)
        unwritten = {**report.unwritten, options.save_dataset: said}
        return replace(report, unwritten=unwritten, is_interrupted=True)
    except DiagnosticError as error:
        LOGGER.error("%s", error)
        return replace(report, unwritten={**report.unwritten, options.save_dataset: str(error)})
    return report


def _save(
    options: Options, inputs: Inputs, path: str, may_overwrite: Callable[[str], bool]
) -> None:
    job = job_of(options, inputs, Need.NOTHING)
    assert job is not None
    count = options.data_count or MOST_SAVED
    samples = opened_data(job, inputs.model, inputs.script, count)

    def fill(stream: IO[bytes]) -> None:
        if path.endswith(NPZ):
            _write_npz(stream, samples)
        else:
            _write_npy(stream, samples, next(iter(samples.arrays)))

    written = write_stream(path, fill, may_overwrite)
    LOGGER.info("Wrote %s: %s", plural(samples.used, "sample"), written)


def _write_npz(stream: IO[bytes], samples: CalibrationSet) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name in samples.arrays:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                _write_npy(member, samples, name)


def _write_npy(stream: IO[bytes], samples: CalibrationSet, name: str) -> None:
    """Write the used samples of one input as an array in C order."""
    array = samples.arrays[name]
    header = {
        "descr": np.lib.format.dtype_to_descr(array.header.native_dtype),
        "fortran_order": False,
        "shape": (samples.used, *array.header.shape[1:]),
    }
    np.lib.format.write_array_header_1_0(stream, header)
    for batch in array.batches(samples.indices, samples.bounded_batch_size):
        stream.write(np.ascontiguousarray(batch).data)
