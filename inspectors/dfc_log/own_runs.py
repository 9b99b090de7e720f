"""Which runs in the compiler's logs made the archive at hand, and what they state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from inspectors.base_inspector import Context, NotChecked
from utils.facts.log_lines import LogFact
from utils.har.model import Model
from utils.side_files.dfc_log import DfcLog, LogEvent, LogRun
from utils.wording import listed, plural

# Facts whose subject is a layer.
_ABOUT_LAYERS = frozenset(
    {
        LogFact.OUTPUT_SNR,
        LogFact.NO_SHIFT,
        LogFact.BITS_REDUCED,
        LogFact.SLOPE_UNSUPPORTED,
        LogFact.RANGE_FORCED,
        LogFact.SIGMOID_ADDED,
        LogFact.PRECISION_IMPLIED,
        LogFact.WEIGHTS_COMPRESSED,
    }
)
_LEVELS = (LogFact.LEVEL_REDUCED, LogFact.LEVEL_BY_DEFAULT)


@dataclass(frozen=True)
class OwnRuns:
    """What the logs say of the archive at hand.

    Parameters
    ----------
    events : what the last run of each log that can have made the archive states.
    refused : logs that say nothing of it, each with the reason.
    """

    events: tuple[LogEvent, ...]
    refused: tuple[NotChecked, ...]

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

    Of each log it is the last run whose layers and level are the archive's: logs are appended to,
    and the same folder serves many networks.
    """
    events: list[LogEvent] = []
    refused: list[NotChecked] = []
    for log in context.dfc_logs:
        own = [run for run in log.runs if not _objection(run, context.model)]
        if own:
            events += own[-1]
        else:
            refused.append(_refusal(log, context.model))
    return OwnRuns(tuple(events), tuple(refused))


def layer_of(model: Model, subject: str) -> str | None:
    """Scoped name of the layer that a log means, whose operation it may name as well.

    Parameters
    ----------
    subject : e.g. ``net/conv1`` or ``net/conv1/conv_op``.
    """
    parts = subject.split("/")
    names = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next(filter(None, map(model.network.resolve, names)), None)


def _refusal(log: DfcLog, model: Model) -> NotChecked:
    if not log.runs:
        return NotChecked(
            f"{log.path} holds no known line of the compiler's optimization",
            f"instead of {log.path}, pass hailo_sdk.client.log or acceleras.log from the folder "
            "where the compiler ran",
        )
    return NotChecked(
        f"{log.path}: {_objection(log.runs[-1], model)}",
        "pass the log of the run that made this archive",
    )


def _objection(run: LogRun, model: Model) -> str:
    """Why a run cannot have made the archive; "" if nothing speaks against it."""
    subjects = {event.subject for event in run if event.fact in _ABOUT_LAYERS and event.subject}
    scopes = _scopes(model)
    # Steps of the optimization add layers that are in no graph, under the same scope.
    if subjects and not any(
        subject.partition("/")[0] in scopes or layer_of(model, subject) for subject in subjects
    ):
        return (
            f"it is about another network, whose {plural(len(subjects), 'layer')} named there "
            f"({listed(sorted(subjects), limit=3)}) are none of {model.name}"
        )
    networks = {event.subject for event in run if event.fact is LogFact.NETWORK_NAMED}
    if networks and not subjects and not networks & scopes:
        return f"it is about another network, {listed(sorted(networks))} and not {model.name}"
    level = next((event.value for event in reversed(run) if event.fact in _LEVELS), None)
    recorded = model.optimization_level
    if level is not None and recorded is not None and level != recorded:
        return (
            f"it is of another run, at optimization level {level:g} where the archive records "
            f"{recorded}"
        )
    return ""


def _scopes(model: Model) -> frozenset[str]:
    outer = {name.partition("/")[0] for name in model.network.layers if "/" in name}
    return frozenset(outer | {model.name, model.network.name})
