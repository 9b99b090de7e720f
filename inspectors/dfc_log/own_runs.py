"""Which runs in the compiler's logs made the archive at hand, and what they state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inspectors.base_inspector import Context, NotChecked
from inspectors.dfc_log.belonging import SortedRuns, layer_of, sorted_runs
from inspectors.dfc_log.contradictions import Contradiction, contradictions
from utils.facts.log_lines import LogFact
from utils.side_files.dfc_log import DfcLog
from utils.side_files.log_events import LogEvent
from utils.side_files.log_runs import LogRun
from utils.wording import listed, plural

__all__ = ["FailedRun", "OwnRuns", "layer_of", "own_runs"]

# True of the logged run, whichever archive it made.
_OF_THE_RUN_ALONE = frozenset(
    {LogFact.TRAINING_CUT, LogFact.LOSS_NOT_FINITE, LogFact.ANALYSIS_FAILED}
)
_OTHER_LOG = "pass the log of the run that made this archive, not that of another network"


@dataclass(frozen=True)
class FailedRun:
    """A run of this network that died.

    Parameters
    ----------
    run : what it states.
    death : how it died.
    was_finished : whether the optimization was done, by this run or an earlier one.
    is_behind_the_end : whether it died when its optimization was done.
    """

    run: LogRun
    death: LogEvent
    was_finished: bool
    is_behind_the_end: bool


@dataclass(frozen=True)
class OwnRuns:
    """What the logs say of the archive at hand.

    Parameters
    ----------
    events : what the last run of each log that can have made the archive states.
    refused : what was left out of logs, each with the reason.
    failed : runs of this network that died, and none was done after them.
    contradicted : what logs state otherwise than the archive, where none of their runs fits.
    """

    events: tuple[LogEvent, ...]
    refused: tuple[NotChecked, ...]
    failed: tuple[FailedRun, ...] = ()
    contradicted: tuple[Contradiction, ...] = ()

    @cached_property
    def _last(self) -> dict[tuple[LogFact, str], LogEvent]:
        # Of a fact that is stated again, the last word counts; two logs may hold the same run.
        return {(event.fact, event.subject): event for event in self.events}

    def about(self, fact: LogFact) -> tuple[LogEvent, ...]:
        """Events of a kind, one for each subject."""
        return tuple(event for (kind, _), event in self._last.items() if kind is fact)

    def one(self, fact: LogFact) -> LogEvent | None:
        """The last event of a kind; None if there is none."""
        return next(reversed(self.about(fact)), None)

    @property
    def skipped_steps(self) -> tuple[str, ...]:
        """Names of the steps that were skipped and never done, in order."""
        done = {event.subject for event in self.about(LogFact.STEP_DONE)}
        return tuple(
            event.subject for event in self.about(LogFact.STEP_SKIPPED) if event.subject not in done
        )


def own_runs(context: Context) -> OwnRuns:
    """Find the runs that can have made the archive.

    Of each log it is the last run of this network that was done, and agrees with what the archive
    records: logs are appended to, and the same folder serves many networks. A log that never says
    that a run was done is an excerpt, whose last run is taken unless it died.
    """
    return context.known(_own_runs)


def _own_runs(context: Context) -> OwnRuns:
    refused: list[NotChecked] = []
    contradicted: list[Contradiction] = []
    chosen: list[LogRun] = []
    of_the_run: list[LogEvent] = []
    failed: dict[str, FailedRun] = {}  # two logs may hold the same death
    for log in context.dfc_logs:
        found = sorted_runs(log.runs, context.model)
        refused += _left_out(log, found, context)
        candidates = _candidates(found.own, log.runs)
        fitting = [run for run in candidates if not contradictions(run, context.model)]
        if fitting:
            chosen.append(fitting[-1])
            refused += _unclear(log, fitting[-1])
        elif candidates:
            contradicted += contradictions(candidates[-1], context.model)
            of_the_run += (e for e in candidates[-1].claims if e.fact in _OF_THE_RUN_ALONE)
        failed.update((death.death.text, death) for death in _failed(found.own))
    if not all(death.was_finished for death in failed.values()):
        # A log without ends may be of the run that died.
        chosen = [run for run in chosen if run.is_finished]
    events = (*of_the_run, *(event for run in chosen for event in run.claims))
    return OwnRuns(events, tuple(refused), tuple(failed.values()), tuple(contradicted))


def _candidates(own: Sequence[LogRun], all_runs: Sequence[LogRun]) -> list[LogRun]:
    """Runs that can have made an archive, in order."""
    if any(run.is_finished for run in all_runs):
        return [run for run in own if run.is_finished]
    begun = [run for run in own if run.has_begun]
    # What follows a death and went on is another try.
    if begun and begun[-1].failure is None and (begun[-1].is_under_way or not _died(begun)):
        return begun[-1:]
    return []


def _died(runs: Sequence[LogRun]) -> bool:
    return any(run.failure is not None for run in runs)


def _failed(own: Sequence[LogRun]) -> list[FailedRun]:
    """The last death, unless a later run was done or went on."""
    was_finished = False
    found: FailedRun | None = None
    for run in own:
        was_finished |= run.is_finished
        if run.failure is not None:
            found = FailedRun(run, run.failure, was_finished, run.is_finished)
        elif run.is_finished or run.is_under_way:
            found = None
    return [found] if found else []


def _left_out(log: DfcLog, found: SortedRuns, context: Context) -> list[NotChecked]:
    """What of a log says nothing of this archive, or cannot be read."""
    said: list[NotChecked] = []
    if not log.runs:
        said.append(_without_a_run(log))
    elif not found.own:
        said.append(NotChecked(f"{log.path}: {_other_network(found, context)}", _OTHER_LOG))
    elif found.foreign:
        kind = "another network" if len(found.foreign) == 1 else "other networks"
        said.append(NotChecked(f"{log.path}: what it says of {listed(found.foreign)}, {kind}"))
    elif found.layers:
        layers = listed(found.layers, limit=3)
        said.append(NotChecked(f"{log.path}: what it says of {layers}, which this network lacks"))
    if count := len(log.not_understood):
        lines = listed([f"{place.line}" for place in log.not_understood], limit=3)
        said.append(
            NotChecked(f"{log.path}: {plural(count, 'message')} not understood, at line {lines}")
        )
    if found.own and _ends_early(found.own[-1], log):
        said.append(
            NotChecked(
                f"{log.path} ends before the optimization of {context.model.name} is done",
                "pass the whole log",
            )
        )
    return said


def _without_a_run(log: DfcLog) -> NotChecked:
    return NotChecked(
        f"{log.path} holds no known line of the compiler's optimization",
        f"instead of {log.path}, pass hailo_sdk.client.log or acceleras.log from the folder "
        "where the compiler ran",
    )


def _other_network(found: SortedRuns, context: Context) -> str:
    name = context.model.name
    if found.layers:
        return (
            f"it is about another network, whose {plural(len(found.layers), 'layer')} named there "
            f"({listed(found.layers, limit=3)}) are none of {name}"
        )
    if found.foreign:
        return f"it is about another network, {listed(found.foreign)} and not {name}"
    return f"the archives that it saves are not named after {name}"


def _ends_early(run: LogRun, log: DfcLog) -> bool:
    is_open = run.is_marked and not run.is_finished and run.failure is None
    return is_open and bool(log.runs[-1].events) and run.events[-1] is log.runs[-1].events[-1]


def _unclear(log: DfcLog, run: LogRun) -> list[NotChecked]:
    if not run.is_calibration_unclear:
        return []
    return [
        NotChecked(
            f"{log.path}: on how many samples calibration ran, as it is not certain which step "
            "names the number"
        )
    ]
