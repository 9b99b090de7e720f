"""The data given with -d: opened, looked at sample by sample, and run through the networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from utils.backends import embedded
from utils.backends.choice import Job, run_by_backend
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.stored_inputs import stored_bounds
from utils.errors import DatasetError, DiagnosticError
from utils.har.model import Model
from utils.measurements import Need
from utils.measurements.backend_names import BOTH, EMBEDDED, SDK, SdkPart, described
from utils.model_script import ModelScript
from utils.model_script.input_conversions import converted_shapes
from utils.options.options import Options
from utils.renderers import log as console
from utils.terminal.logger import LOGGER
from utils.terminal.phases import timed
from utils.terminal.progress import progress_bar

if TYPE_CHECKING:
    from utils.backends.emulation import Emulation


@dataclass(frozen=True)
class DataRun:
    """What came of the data; every part is None where it did not come to it.

    Parameters
    ----------
    calibration : the data set, if it fits.
    emulation : its run through the networks.
    samples : what the single samples are like; there as well where the run failed.
    error : why the data cannot be used, if that is a finding of its own.
    failures : sentences on what failed, without `error`.
    backend : what ran the networks.
    sdk : the part of Hailo's SDK in it; None where it was not asked.
    """

    calibration: CalibrationSet | None = None
    emulation: Emulation | None = None
    samples: SampleDigests | None = None
    error: DatasetError | None = None
    failures: tuple[str, ...] = ()
    backend: str = EMBEDDED
    sdk: SdkPart | None = None

    @property
    def has_failed(self) -> bool:
        """Whether anything did."""
        return self.error is not None or bool(self.failures)

    def all_failures(self, *, is_explained: bool) -> list[str]:
        """Sentences on what failed.

        Parameters
        ----------
        is_explained : some inspector says what `error` says; then its finding is referred to.
        """
        if self.error is None:
            return list(self.failures)
        short = f"the data were not measured: see {self.error.finding_id}"
        return [short if is_explained else str(self.error), *self.failures]


def run_data(options: Options, model: Model, script: ModelScript | None, need: Need) -> DataRun:
    """Run the data through the networks; a failure leaves the static checks to do."""
    if options.dataset is None:
        LOGGER.info("No data given (-d): only what the archive itself stores is judged")
        return DataRun()
    network = model.float_network
    converted = converted_shapes(network, script)
    try:
        calibration = open_dataset(
            options.dataset, network.input_layers, options.data_count, converted
        )
    except DiagnosticError as error:
        return _with_failure(DataRun(), error)
    for note in calibration.notes:
        LOGGER.info("%s", note)
    LOGGER.info("%s", console.dataset_line(calibration))
    return _looked_at_and_measured(options, model, calibration, need)


def _looked_at_and_measured(
    options: Options, model: Model, calibration: CalibrationSet, need: Need
) -> DataRun:
    digester = SampleDigester(calibration, stored_bounds(model))
    is_digested = Need.SAMPLE_DIGESTS in need
    on_read = digester.add if is_digested else lambda batch: None
    # Nothing else may take its place, so that is what fails.
    run = DataRun(calibration, backend=SDK if options.backend == SDK else EMBEDDED)
    try:
        _check_format(model, calibration)
        job = Job(model, calibration, need, _settings(options), on_read)
        run = _run(job, run, options.backend)
    except DiagnosticError as error:
        run = _with_failure(run, error)
    if not is_digested:
        return run
    try:
        _read_the_rest(digester, calibration)
    except DatasetError as error:
        if str(error) not in (str(run.error), *run.failures):
            run = _with_failure(run, error)
    return replace(run, samples=digester.digests())


def _run(job: Job, run: DataRun, backend: str) -> DataRun:
    found = run_by_backend(job, backend)
    LOGGER.info("Emulated by %s", described(found.backend, found.sdk))
    failures = list(found.emulation.failures)
    if backend == BOTH and found.sdk is not None and found.sdk.failure:
        failures.append("the two backends were not compared: the SDK failed, see the warning above")
    return replace(
        run,
        emulation=found.emulation,
        failures=tuple(failures),
        backend=found.backend,
        sdk=found.sdk,
    )


def _settings(options: Options) -> embedded.Settings:
    return embedded.Settings(
        options.activation_parameters,
        options.batch_size,
        options.hw_arch or "",
        options.target_snr,
        options.exact_sensitivity,
    )


def _check_format(model: Model, calibration: CalibrationSet) -> None:
    """Refuse to run data that are in the format behind a conversion of the input."""
    for layer in model.float_network.input_layers:
        shape = calibration.inputs[layer.name].shape
        if shape != layer.output_shape:
            raise DiagnosticError(
                f"{calibration.path} holds samples {shape} for {layer.described()}, which takes "
                f"{layer.output_shape}: they fit behind the input_conversion of the model script, "
                "where the compiler takes them from, but cannot be measured from there; save them "
                "in the format of the input to have them measured"
            )


def _read_the_rest(digester: SampleDigester, calibration: CalibrationSet) -> None:
    """Look at the samples that were not measured, as far as the compiler would use them."""
    if digester.samples >= digester.wanted:
        return
    bar_of_samples = progress_bar(
        "Looking", "samples", digester.wanted, embedded.shows_progress(), digester.samples
    )
    with timed("looking at the samples that are not measured"), bar_of_samples as bar:
        rest = calibration.batches(digester.batch_size, digester.samples, digester.wanted)
        for batch in rest:
            before = digester.samples
            digester.add(batch)
            bar.update(digester.samples - before)


def _with_failure(run: DataRun, error: DiagnosticError) -> DataRun:
    if isinstance(error, DatasetError) and error.finding_id:
        return replace(run, error=error)
    return replace(run, failures=(*run.failures, str(error)))
