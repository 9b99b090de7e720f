"""All stages that there are, run on the same samples, each held against its neighbour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from inspectors.normalization.on_chip import normalization_steps
from utils.backends.stages import SideBySide
from utils.backends.stages.chosen_samples import positions_of, read
from utils.backends.stages.device_step import device_step
from utils.backends.stages.entering import Entering, Steps, entering
from utils.backends.stages.modification_step import Pair, modification_step, unmodified
from utils.backends.stages.reference_step import reference_step
from utils.backends.stages.runs import EnteredRun, FloatRun, QuantizedRun
from utils.backends.workload import DATA_PASS, LEAST_BUDGET
from utils.dataset.calibration_set import CalibrationSet
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.work import total_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.har.parsed import ParsedGraph, parsed_graph
from utils.har.states import PARSED_STATE
from utils.jobs.settings import Settings
from utils.model_script import ModelScript
from utils.stages import StageName, StageRequest, Stages, Step
from utils.stages.modified import Modified, difference
from utils.stages.runs import Samples
from utils.terminal.phases import Phases
from utils.wording import printable

COMPARING = "comparing the stages"
# Enough to see whether a modified graph computes something else, where nobody asked.
UNASKED_SAMPLES = 4
NO_PARSED_GRAPH = "the archive holds no parsed graph"
# Passes of the float network that a stage takes, and what the trials on it take beside.
PASSES = 2.0


@dataclass(frozen=True)
class StageSource:
    """What stages are made of.

    Parameters
    ----------
    script : the archive's own; None if there is none, or it cannot be parsed.
    floats : the engine of `model.float_network`.
    quantized : the integers; None of an archive that is not quantized.
    """

    model: Model
    script: ModelScript | None
    calibration: CalibrationSet
    settings: Settings
    floats: FloatEmulator
    quantized: QuantizedEmulator | None
    batch_size: int
    phases: Phases = field(default_factory=Phases)


def compared_stages(source: StageSource, request: StageRequest) -> SideBySide:
    """Compare the stages that were asked for, and the parsed with the optimized graph.

    Where nobody asked, the two graphs are run only if they differ in more than what was inserted
    at the inputs. A stage that fails leaves the others as they are.

    Raises
    ------
    DatasetError : the data are damaged.
    DiagnosticError : the memory does not suffice.
    """
    if not request.is_asked:
        return _unasked(source)
    bench = _StageBench(source, request, most=source.calibration.used)
    with source.phases.phase(COMPARING, bench.work):
        return bench.compared()


def _unasked(source: StageSource) -> SideBySide:
    if source.settings.quick or not source.model.is_quantized:
        return SideBySide()
    try:
        bench = _StageBench(source, StageRequest(), most=UNASKED_SAMPLES)
        if bench.parsed_graph is None or bench.found.is_nothing:
            return SideBySide()
        with source.phases.phase(COMPARING, bench.work):
            return bench.compared()
    except DiagnosticError as error:
        missing: tuple[tuple[StageName, str], ...] = (("parsed", str(error)),)
        return SideBySide(Stages(0, (), missing))


class _StageBench:
    """The runs of the stages, each made when it is first asked for."""

    def __init__(self, source: StageSource, request: StageRequest, most: int) -> None:
        self._source = source
        self._request = request
        self._model = source.model
        self._judged = source.settings.judged
        self._positions = positions_of(source.calibration, source.model.float_network, most)
        self._missing: dict[StageName, str] = {}
        self._failures: list[str] = []

    @property
    def work(self) -> float:
        """What the comparison takes, in multiply-accumulates."""
        given = len(self._request.references) + len(self._request.device_outputs)
        passes = PASSES * max(given, 1)
        return passes * total_work(self._model.float_network) * len(self._positions)

    def compared(self) -> SideBySide:
        """Every step that there is, in the order of the stages."""
        steps = [
            self._tried("original", self._reference_step if self._request.references else None),
            self._tried("parsed", self._modification_step),
            self._tried("device", self._device_step if self._request.device_outputs else None),
        ]
        found = tuple(step for step in steps if step is not None)
        stages = Stages(len(self._positions), found, tuple(self._missing.items()))
        return SideBySide(stages, tuple(self._failures))

    def _tried(self, stage: StageName, make: Callable[[], Step | None] | None) -> Step | None:
        if make is None:
            return None
        try:
            step = make()
        except DiagnosticError as error:
            self._leave_out(stage, str(error))
            return None
        if step is not None and not step.is_compared:
            source = printable(step.source)
            self._leave_out(stage, f"nothing in {source} matches an output of the network")
        return step

    def _leave_out(self, stage: StageName, reason: str) -> None:
        self._missing[stage] = reason
        # What the user gave and nobody could compare leaves the run incomplete.
        if stage != "parsed":
            self._failures.append(reason)

    @cached_property
    def parsed_graph(self) -> ParsedGraph | None:
        """The graph as it was parsed."""
        return parsed_graph(self._model)

    @cached_property
    def found(self) -> Modified:
        """How the optimized graph differs from the parsed one; of archives that hold both."""
        assert self.parsed_graph is not None
        return difference(self._model, self.parsed_graph)

    @cached_property
    def _samples(self) -> Samples:
        return read(self._source.calibration, self._positions)

    @cached_property
    def _optimized(self) -> FloatRun:
        return FloatRun(self._source.floats, self._source.batch_size, self._advance)

    @cached_property
    def _entering(self) -> Entering:
        graph, source = self.parsed_graph, self._source
        assert graph is not None
        return entering(
            self._model, source.script, graph.network, self.found, self._optimized, self._samples
        )

    @property
    def _steps(self) -> Steps:
        """What normalizes the samples in front of the parsed graph, or in the only one there is."""
        model, script = self._model, self._source.script
        if model.state == PARSED_STATE:
            return {}
        if self.parsed_graph is None:
            inputs = model.float_network.input_layers
            return {layer.name: normalization_steps(model, script, layer) for layer in inputs}
        return self._entering.steps

    @cached_property
    def _parsed(self) -> FloatRun | EnteredRun:
        """The parsed graph; the optimized one where the archive holds no other."""
        graph, source = self.parsed_graph, self._source
        if graph is None or self._model.state == PARSED_STATE:
            return self._optimized
        if self.found.is_nothing:
            inserted, size = self.found.inserted, source.batch_size
            return EnteredRun(graph.network, source.floats, inserted, size, self._advance)
        return self._own_engine(graph)

    def _own_engine(self, graph: ParsedGraph) -> FloatRun:
        supplied = self._source.settings.activation_parameters
        emulator = FloatEmulator(graph.network, graph.parameters, supplied)
        return FloatRun(emulator, self._source.batch_size, self._advance)

    def _reference_step(self) -> Step:
        has_optimized = self._model.state != PARSED_STATE
        optimized = self._optimized if has_optimized else None
        return reference_step(
            self._placed,
            self._model,
            self._parsed,
            optimized,
            self._samples,
            self._judged,
            self._steps,
        )

    def _modification_step(self) -> Step | None:
        if self._model.state == PARSED_STATE:
            return None
        graph = self.parsed_graph
        if graph is None:
            self._missing["parsed"] = NO_PARSED_GRAPH
            return None
        parsed = self._parsed
        if isinstance(parsed, EnteredRun):
            return unmodified(graph.network)
        came = self._entering
        has_steps = any(came.steps.values())
        normalized = came.normalized if has_steps else came.converted
        pair = Pair(parsed, self._optimized, normalized, came.converted, self._samples)
        return modification_step(pair, self.found, self._judged, self._source.script)

    def _device_step(self) -> Step:
        source = self._source
        if source.quantized is None:
            raise DiagnosticError(
                "outputs of the chip are compared with a quantized archive, and "
                f"{self._model.archive.path} is in the state {self._model.state}; leave out "
                "--device-outputs"
            )
        quantized = QuantizedRun(source.floats, source.quantized, source.batch_size, self._advance)
        return device_step(
            self._placed,
            self._model,
            quantized,
            self._samples,
            self._judged,
            self._optimized,
            self._trials_work,
        )

    @property
    def _trials_work(self) -> float:
        """What trials on changed samples may take: as much as the data pass, or a few seconds."""
        passed = DATA_PASS * total_work(self._model.float_network) * self._source.calibration.used
        return max(passed, LEAST_BUDGET)

    @property
    def _placed(self) -> StageRequest:
        """The request, with the places of the samples among those of the data."""
        places = tuple(map(int, self._positions))
        return replace(
            self._request, positions=places, samples_in_data=self._source.calibration.samples
        )

    def _advance(self, count: int) -> None:
        self._source.phases.advance(total_work(self._model.float_network) * count)
