"""Runs of the compiler within a log, and what of their statements counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import COLLECTORS, FINETUNE
from utils.side_files.log_events import LogEvent

_LEVELS = frozenset({LogFact.LEVEL_REDUCED, LogFact.LEVEL_BY_DEFAULT, LogFact.LEVEL_ZERO})
_UNDER_WAY = frozenset(
    {
        LogFact.STEP_STARTED,
        LogFact.STEP_SKIPPED,
        LogFact.STEP_DONE,
        LogFact.CALIBRATION_ENTRIES,
        LogFact.CALIBRATION_DONE,
        LogFact.FINETUNE_ENTRIES,
        LogFact.TRAINING_CUT,
        LogFact.LOSS_NOT_FINITE,
        LogFact.ANALYSIS_FAILED,
    }
)
_STEPS = (LogFact.STEP_STARTED, LogFact.STEP_DONE)
_ENTRIES = (LogFact.CALIBRATION_ENTRIES, LogFact.CALIBRATION_DONE)
# What stands in front of a run as well as behind one.
_AROUND = frozenset(
    {
        LogFact.COMMAND_RUN,
        LogFact.RANDOM_DATA,
        LogFact.NETWORK_NAMED,
        LogFact.ARCHIVE_SAVED,
        LogFact.COMPILED,
        LogFact.CHIP_BY_DEFAULT,
        LogFact.CHIP_CHANGED,
    }
)
_AFTER_THE_END = frozenset(
    {LogFact.RUN_ENDED, LogFact.RUN_FAILED, LogFact.ARCHIVE_SAVED, LogFact.COMPILED}
)
# What makes a run of its own of the end of a log; compilation follows without such a line.
_OF_A_RUN = (
    _LEVELS
    | _UNDER_WAY
    | {
        LogFact.RUN_STARTED,
        LogFact.RUN_FAILED,
        LogFact.COMMAND_RUN,
        LogFact.RANDOM_DATA,
        LogFact.NETWORK_NAMED,
    }
)


@dataclass(frozen=True)
class LogRun:
    """What one run of the compiler states.

    Parameters
    ----------
    events : in order, with what was said in front of it and behind it.
    """

    events: tuple[LogEvent, ...]

    @cached_property
    def is_finished(self) -> bool:
        """Whether the optimization was done."""
        return any(event.fact is LogFact.RUN_ENDED for event in self.events)

    @cached_property
    def has_begun(self) -> bool:
        """Whether it is more than what stands around runs."""
        return any(event.fact not in _AROUND for event in self.events)

    @cached_property
    def is_marked(self) -> bool:
        """Whether a line says that it started."""
        return any(event.fact is LogFact.RUN_STARTED for event in self.events)

    @cached_property
    def is_under_way(self) -> bool:
        """Whether a step of the optimization is logged."""
        return any(event.fact in _UNDER_WAY for event in self.events)

    @cached_property
    def failure(self) -> LogEvent | None:
        """How it died, during the optimization or behind it; None if it did not.

        A run that was done all the same did not die of what came before.
        """
        overcome = {LogFact.RUN_ENDED, LogFact.COMPILED}
        last = max((i for i, e in enumerate(self.events) if e.fact in overcome), default=-1)
        deaths = [e for e in self.events[last + 1 :] if e.fact is LogFact.RUN_FAILED]
        known = (death for death in deaths if death.failure is not None)
        return next(known, deaths[-1] if deaths else None)

    @cached_property
    def step_at_death(self) -> str:
        """The step that was under way when it died; "" where that is not known."""
        step = ""
        for event in self.events:
            if event is self.failure:
                return step
            step = _step_after(event, step)
        return ""

    def subjects(self, *facts: LogFact) -> tuple[str, ...]:
        """What events of these kinds are about, each once, in order."""
        return tuple(dict.fromkeys(e.subject for e in self.events if e.fact in facts and e.subject))

    @cached_property
    def claims(self) -> tuple[LogEvent, ...]:
        """What holds of the archive that the run made.

        Many steps say how many entries they use for calibration; only those of the one that
        collects statistics count, and those of finetuning only where it was done.
        """
        entries = self._entries
        tuned = self._finetuned
        return tuple(
            replace(event, fact=LogFact.CALIBRATION_ENTRIES) if event is entries else event
            for event in self.events
            if event.fact is not LogFact.RUN_FAILED
            if event.fact not in _ENTRIES or event is entries
            if event.fact is not LogFact.FINETUNE_ENTRIES or event is tuned
        )

    @property
    def is_calibration_unclear(self) -> bool:
        """Whether it names entries for calibration, but not whose they are."""
        return bool(self._named_entries) and self._entries is None

    @cached_property
    def _entries(self) -> LogEvent | None:
        """The entries that the ranges were taken from; None where their number is not certain.

        Lines may be lost anywhere, and with them whose entries these are. So they count between
        the start and the end of the step that collects statistics, or where no step is named.
        """
        names_steps = any(event.fact in _STEPS for event in self.events)
        found = self._within_the_collector() if names_steps else self._named_entries
        return found[0] if len({event.value for event in found}) == 1 else None

    @property
    def _named_entries(self) -> list[LogEvent]:
        return [event for event in self.events if event.fact is LogFact.CALIBRATION_ENTRIES]

    def _within_the_collector(self) -> list[LogEvent]:
        certain: list[LogEvent] = []
        since_start: list[LogEvent] | None = None
        for event in self.events:
            is_collector = event.subject in COLLECTORS
            if event.fact is LogFact.STEP_STARTED:
                since_start = [] if is_collector else None
            elif event.fact is LogFact.STEP_DONE:
                certain += since_start or [] if is_collector else []
                since_start = None
            elif event.fact in _ENTRIES and since_start is not None:
                since_start.append(event)
        return certain

    @cached_property
    def _finetuned(self) -> LogEvent | None:
        found = None
        for event in self.events:
            if event.fact is LogFact.FINETUNE_ENTRIES:
                found = event
            elif event.fact is LogFact.STEP_DONE and event.subject in FINETUNE.log_names:
                return found
        return found if self.is_finished else None


def _step_after(event: LogEvent, step: str) -> str:
    if event.fact is LogFact.STEP_STARTED:
        return event.subject
    return "" if event.fact is LogFact.STEP_DONE else step


def runs_of(events: Iterable[LogEvent]) -> tuple[LogRun, ...]:
    """Sort events into runs; logs are appended to.

    A run begins with the line that says so, with one about its level, with the command that was
    typed, or with the name of a network. What stands in front of it belongs to it.
    """
    return tuple(LogRun(tuple(run)) for run in _split(events))


def _split(events: Iterable[LogEvent]) -> Iterator[list[LogEvent]]:
    runs: list[list[LogEvent]] = []
    seen: set[LogFact] = set()
    for event in events:
        if not runs or _opens_another(event.fact, seen):
            runs.append([])
            seen = set()
        runs[-1].append(event)
        seen.add(event.fact)
    if len(runs) > 1 and seen.isdisjoint(_OF_A_RUN):
        last = runs.pop()
        runs[-1] += last
    yield from runs


def _opens_another(fact: LogFact, seen: Collection[LogFact]) -> bool:
    """Whether a fact cannot belong to the run of which these were seen."""
    has_begun = not _AROUND.issuperset(seen)
    is_over = LogFact.RUN_ENDED in seen or LogFact.RUN_FAILED in seen
    if fact is LogFact.COMMAND_RUN:
        return not {LogFact.COMMAND_RUN}.issuperset(seen)
    if fact is LogFact.NETWORK_NAMED:
        return has_begun
    if fact is LogFact.RUN_STARTED:
        return is_over or fact in seen or not _UNDER_WAY.isdisjoint(seen)
    if fact in _LEVELS:
        return is_over or not _UNDER_WAY.isdisjoint(seen)
    return LogFact.RUN_ENDED in seen and fact not in _AFTER_THE_END
