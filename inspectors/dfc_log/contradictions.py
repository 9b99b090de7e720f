"""Where a run of a log and the archive say unlike things of the optimization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import ALGORITHMS, FINETUNE, Algorithm
from utils.findings import Finding, Severity
from utils.har.algorithms_run import algorithm_ran
from utils.har.model import Model
from utils.side_files.log_events import LogEvent
from utils.side_files.log_runs import LogRun
from utils.wording import itemized

_LEVELS = (LogFact.LEVEL_REDUCED, LogFact.LEVEL_BY_DEFAULT)


@dataclass(frozen=True)
class Contradiction:
    """One thing that the log and the archive state otherwise.

    Parameters
    ----------
    event : what the log states.
    text : both, as a clause.
    """

    event: LogEvent
    text: str


def contradictions(run: LogRun, model: Model) -> list[Contradiction]:
    """All of them; empty where the run can have made the archive, as far as both tell."""
    return [*_levels(run, model), *_algorithms(run, model)]


def log_differs(found: Sequence[Contradiction]) -> Iterator[Finding]:
    """One finding for all."""
    if found:
        yield Finding(
            id="dfc-log-differs",
            severity=Severity.WARNING,
            headline="The log and the archive disagree on what the optimization did",
            evidence=itemized([each.text for each in found]),
            why="Either another run made the archive, or it was changed since. What else the log "
            "says of the archive is not judged.",
            remedy="Check that you use the archive of the logged run, or pass the log of the run "
            "that made this one.",
            quotation=found[0].event.text,
            measured={"contradictions": len(found)},
            location=found[0].event.location,
        )


def _levels(run: LogRun, model: Model) -> Iterator[Contradiction]:
    recorded = model.optimization_level
    event = next((e for e in reversed(run.events) if e.fact in _LEVELS), None)
    if event is not None and recorded is not None and event.value != recorded:
        yield Contradiction(
            event, f"optimization level {event.value:g} in the log and {recorded} in the archive"
        )


def _algorithms(run: LogRun, model: Model) -> Iterator[Contradiction]:
    is_cut = any(event.fact is LogFact.TRAINING_CUT for event in run.events)
    for algorithm in ALGORITHMS:
        if algorithm is FINETUNE and is_cut:
            continue  # how archives record that is not known
        ran = algorithm_ran(model, algorithm)
        done = _last(run, LogFact.STEP_DONE, algorithm)
        skipped = _last(run, LogFact.STEP_SKIPPED, algorithm)
        if done is not None and ran is False:
            text = f"{algorithm.words} done by the log, and at no layer by the archive"
            yield Contradiction(done, text)
        elif done is None and skipped is not None and ran:
            text = f"{algorithm.words} skipped by the log, and run by the archive"
            yield Contradiction(skipped, text)


def _last(run: LogRun, fact: LogFact, algorithm: Algorithm) -> LogEvent | None:
    found = (e for e in run.events if e.fact is fact and e.subject in algorithm.log_names)
    return next(reversed(list(found)), None)
