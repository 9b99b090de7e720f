"""Who measures: an archive and its data, set up once, then asked as often as there are questions.

Questions and answers are plain data, so the bench may as well stand in another process, or on
another machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from utils.backends.choice import OnceEach, run_by_backend
from utils.backends.embedded import MeasuredBefore, measure_behind
from utils.backends.looking import Looked, looked_at, read_the_rest
from utils.backends.opened_data import check_format, opened_data
from utils.backends.opened_job import OnRead, OpenedJob
from utils.backends.placement import Placement
from utils.backends.stages import SideBySide
from utils.backends.stages.entry import stages_before_quantization, stages_of_networks
from utils.backends.tensorflow_runtime import choose_device
from utils.dataset.calibration_set import CalibrationSet
from utils.dataset.contact_sheet import RESIZE_SHEET
from utils.dataset.facts import DEFAULT_DATA_COUNT, LARGEST_WHOLE_FILE, DatasetFacts
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.stored_inputs import stored_bounds
from utils.emulator.measuring.budget import affordable_count
from utils.emulator.measuring.work import total_work
from utils.errors import DatasetError, DiagnosticError
from utils.findings import Artifact
from utils.har.model import Model
from utils.har.network import Network
from utils.jobs.backend_names import BOTH, EMBEDDED, SDK
from utils.jobs.job import Job
from utils.jobs.measured import Measured, Refusal
from utils.jobs.range_trial import RangeRequest, RangeTrials
from utils.measurements import Need
from utils.measurements.left_out import FAILED, INTERRUPTED, QUICK, SAMPLES
from utils.model_script import ModelScript
from utils.terminal.phases import Phases
from utils.terminal.progress import Progress, is_watched

if TYPE_CHECKING:
    from utils.backends.emulation import Emulated

OnMeasured = Callable[[Measured], object]

# Multiply-accumulates that take a few seconds, and how many passes of the float network measuring
# takes: files that need no more are measured as a whole.
WHOLE_FILE_WORK, PASSES = 2e11, 3.0


class Bench(Protocol):
    """Whoever answers the questions about one job."""

    def open_data(self) -> DatasetFacts:
        """Find the samples and check that they fit; none is read yet.

        Raises
        ------
        DatasetError : the file cannot be read, or does not fit the network.
        """

    def measure(self) -> Measured:
        """Run the data through the networks; what fails is part of the answer."""

    def close(self) -> None:
        """Let go of the networks: nothing more is going to be asked."""

    def try_ranges(self, request: RangeRequest) -> RangeTrials:
        """Try output ranges on samples of the data that were measured."""


def _unheard(_: Measured) -> None:
    pass


class LocalBench:
    """The bench in this process."""

    def __init__(
        self,
        job: Job,
        model: Model,
        script: ModelScript | None,
        progress: Progress | None = None,
        on_measured: OnMeasured = _unheard,
        before: MeasuredBefore | None = None,
    ) -> None:
        """Take a job whose archive was read already.

        Parameters
        ----------
        script : the archive's own; None if there is none, or it cannot be parsed.
        progress : where the work is shown; by default before whoever watches this process.
        on_measured : told all that is known so far before anything begins that takes long.
        before : the data pass, where it need not be run any more.
        """
        self._job = job
        self._before = before
        self._model = model
        self._script = script
        self._calibration: CalibrationSet | None = None
        self._emulated: Emulated | None = None
        self._digester: SampleDigester | None = None
        self._placement = Placement(job.device)
        self._phases = Phases(progress or Progress(is_watched()))
        self._on_measured = on_measured
        self._is_interrupted = False

    def open_data(self) -> DatasetFacts:
        """See `Bench`."""
        return self._opened().facts

    def measure(self) -> Measured:
        """See `Bench`."""
        try:
            measured = self._measured()
        finally:
            self._phases.close()
        return replace(measured, spent=self._phases.spent, is_interrupted=self._is_interrupted)

    def _measured(self) -> Measured:
        # Nothing else may take the SDK's place where it was asked for, so that is what fails.
        measured = Measured(backend=SDK if self._job.backend == SDK else EMBEDDED)
        try:
            calibration = self._opened()
        except DiagnosticError as error:
            return _failing(measured, error)
        measured = replace(measured, dataset=calibration.facts)
        if not self._model.is_quantized:
            return self._before_quantization(measured, calibration)
        looked = self._before.looked if self._before is not None else None
        if looked is not None or Need.SAMPLE_DIGESTS not in self._job.need:
            measured = self._with_stages(self._run(measured, calibration, lambda batch: None))
            return replace(measured, samples=looked.samples if looked else None)
        digester = self._digester = SampleDigester(calibration, stored_bounds(self._model))
        measured = self._with_stages(self._run(measured, calibration, digester.add))
        try:
            if self._is_interrupted:
                measured = _without_the_rest(measured, digester, INTERRUPTED)
            elif len(digester.missing):
                self._tell(measured)
                read_the_rest(digester, calibration, self._phases)
        except DatasetError as error:
            if str(error) not in (str(measured.refusal), *measured.failures):
                measured = _failing(measured, error)
        except KeyboardInterrupt:
            self._is_interrupted = True
            measured = _without_the_rest(measured, digester, INTERRUPTED)
        return replace(measured, samples=digester.digests())

    def _tell(self, measured: Measured) -> None:
        """Tell what is known so far, as if nothing came of the rest."""
        if self._on_measured is _unheard:
            return  # digests of many samples take their time
        if self._digester is not None:
            measured = _without_the_rest(measured, self._digester, FAILED)
            measured = replace(measured, samples=self._digester.digests())
        self._on_measured(replace(measured, spent=self._phases.spent))

    def close(self) -> None:
        """See `Bench`."""
        self._emulated = None

    def look(self) -> Looked:
        """Look at all samples that are wanted, and run none.

        Raises
        ------
        DatasetError : samples are not finite, or the file is damaged.
        """
        return looked_at(self._model, self._opened(), self._job.need)

    def try_ranges(self, request: RangeRequest) -> RangeTrials:
        """See `Bench`."""
        if self._emulated is None:
            return RangeTrials(failure="the data were not measured")
        if self._job.settings.quick or self._is_interrupted:
            return RangeTrials(left_out=QUICK if self._job.settings.quick else INTERRUPTED)
        try:
            found = self._placement.tried(
                partial(self._emulated.try_ranges, request.ranges, request.together)
            )
        except DiagnosticError as error:
            return RangeTrials(failure=str(error))
        self._is_interrupted = found.left_out == INTERRUPTED
        return found

    def _opened(self) -> CalibrationSet:
        if self._calibration is None:
            whole = 0 if self._job.samples else _affordable_file(self._model.float_network)
            count = self._job.samples or DEFAULT_DATA_COUNT
            self._calibration = opened_data(self._job, self._model, self._script, count, whole)
        return self._calibration

    def _run(self, measured: Measured, calibration: CalibrationSet, on_read: OnRead) -> Measured:
        job = self._job
        try:
            check_format(self._model, calibration)
            once = OnceEach(on_read)
            opened = OpenedJob(
                self._model,
                calibration,
                job.need,
                job.settings,
                once,
                self._phases,
                lambda so_far: self._tell(self._with(measured, so_far)),
            )
            run = partial(run_by_backend, opened, job.backend)
            if self._before is not None:
                opened = replace(opened, parts=self._before.parts)
                run = partial(measure_behind, self._before, opened)
            found = self._emulated = self._placement.measured(run, once.start_again)
        except DiagnosticError as error:
            return _failing(measured, error)
        self._is_interrupted = INTERRUPTED in found.measurements.left_out.values()
        return self._with(measured, found)

    def _with(self, measured: Measured, found: Emulated) -> Measured:
        failures = list(found.failures)
        if self._job.backend == BOTH and found.sdk is not None and found.sdk.failure:
            failures.append(
                "the two backends were not compared: the SDK failed, see the warning above"
            )
        return replace(
            measured,
            measurements=found.measurements,
            failures=tuple(failures),
            backend=found.backend,
            sdk=found.sdk,
        )

    def _with_stages(self, measured: Measured) -> Measured:
        """Add the stages, side by side, once the data were measured."""
        if self._emulated is None or self._is_interrupted:
            return measured
        networks = self._emulated.networks
        return self._side_by_side(
            measured, partial(stages_of_networks, networks, self._job, self._script)
        )

    def _before_quantization(self, measured: Measured, calibration: CalibrationSet) -> Measured:
        """All that is measured of an archive that is not quantized yet."""
        choose_device(self._job.device)
        try:
            check_format(self._model, calibration)
        except DiagnosticError as error:
            return _failing(measured, error)
        archive = (self._model, calibration, self._job, self._script, self._phases)
        return self._side_by_side(measured, partial(stages_before_quantization, *archive))

    def _side_by_side(self, measured: Measured, compare: Callable[[], SideBySide]) -> Measured:
        try:
            side = self._placement.tried(compare)
        except DiagnosticError as error:
            return _failing(measured, error)
        except KeyboardInterrupt:
            self._is_interrupted = True
            return measured
        failures = (*measured.failures, *side.failures)
        return replace(measured, stages=side.stages, failures=failures)


def _affordable_file(network: Network) -> int:
    """How many samples a file may hold to be measured as a whole, within seconds."""
    return affordable_count(WHOLE_FILE_WORK, PASSES * total_work(network), 0, LARGEST_WHOLE_FILE)


def _without_the_rest(measured: Measured, digester: SampleDigester, reason: str) -> Measured:
    """What was measured, with a word on samples that were not looked at."""
    found = measured.measurements
    if found is None or digester.samples >= digester.wanted:
        return measured
    found = replace(found, left_out={**found.left_out, SAMPLES: reason})
    return replace(measured, measurements=found)


def _failing(measured: Measured, error: DiagnosticError) -> Measured:
    if isinstance(error, DatasetError) and measured.refusal is None:
        sheet = Artifact(RESIZE_SHEET, error.sheet) if error.sheet else None
        refusal = Refusal(
            error.finding_id,
            error.headline,
            error.evidence,
            error.remedy,
            error.command,
            sheet,
            error.inputs,
        )
        return replace(measured, refusal=refusal)
    return replace(measured, failures=(*measured.failures, str(error)))
