"""Which runs of a log are of the network at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from utils.facts.log_lines import LogFact
from utils.har.model import Model
from utils.side_files.log_events import LogEvent
from utils.side_files.log_runs import LogRun

# Facts whose subject is a layer.
ABOUT_LAYERS = frozenset(
    {
        LogFact.OUTPUT_SNR,
        LogFact.NO_SHIFT,
        LogFact.BITS_REDUCED,
        LogFact.RANGE_FORCED,
        LogFact.SIGMOID_ADDED,
        LogFact.PRECISION_IMPLIED,
        LogFact.WEIGHTS_COMPRESSED,
    }
)
# Names of files that are given to any network.
_STAGES = re.compile(r"([_.-](quantized|optimized|compiled|parsed|native|q|hailo\w*|\d+))+$")
_ANY_NETWORK = frozenset(
    "model net network quantized optimized compiled parsed out output best last final test tmp q "
    "har hailo".split()
)


@dataclass(frozen=True)
class SortedRuns:
    """The runs of a log.

    Parameters
    ----------
    own : those of the network at hand, with what they state of it.
    foreign : names of the other networks, in order.
    layers : what the log names as layers of other networks.
    """

    own: tuple[LogRun, ...]
    foreign: tuple[str, ...]
    layers: tuple[str, ...]


def layer_of(model: Model, subject: str) -> str | None:
    """Scoped name of the layer that a log means, whose operation it may name as well.

    Parameters
    ----------
    subject : e.g. ``net/conv1`` or ``net/conv1/conv_op``.
    """
    parts = subject.split("/")
    names = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next(filter(None, map(model.network.resolve, names)), None)


def scopes_of(model: Model) -> frozenset[str]:
    """Names by which logs may call the network."""
    outer = {name.partition("/")[0] for name in model.network.layers if "/" in name}
    return frozenset(outer | {model.name, model.network.name})


def sorted_runs(runs: Sequence[LogRun], model: Model) -> SortedRuns:
    """Tell the runs of the network at hand from those of others.

    A run that names no network is of the one that was named before it, else of the next. Where
    nothing in the log is of the network at hand, but something of another, no run is.
    """
    answers = [_is_own(run, model) for run in runs]
    if True not in answers and False in answers:
        answers = [False] * len(answers)
    before = next((answer for answer in answers if answer is not None), True)
    own = []
    for run, answer in zip(runs, answers, strict=True):
        before = before if answer is None else answer
        if before:
            own.append(_without_foreign(run, model))
    return SortedRuns(tuple(own), *_foreign(runs, model))


def _is_own(run: LogRun, model: Model) -> bool | None:
    """Whether a run is of the network at hand; None where it names nothing."""
    scopes = scopes_of(model)
    layers = run.subjects(*ABOUT_LAYERS, LogFact.RUN_FAILED)
    names = run.subjects(LogFact.NETWORK_NAMED)
    if any(_is_of(subject, model) for subject in layers) or (names and names[-1] in scopes):
        return True
    if layers or names:
        return False
    saved = [_file_name(subject) for subject in run.subjects(LogFact.ARCHIVE_SAVED)]
    own_file = _file_name(model.archive.path.removesuffix(".har"))
    if scopes & set(saved) or own_file in saved:
        return True
    return False if any(name not in _ANY_NETWORK for name in saved) else None


def _is_of(subject: str, model: Model) -> bool:
    """Whether a layer is of the network at hand; the optimization adds some under its scope."""
    return subject.partition("/")[0] in scopes_of(model) or layer_of(model, subject) is not None


def _without_foreign(run: LogRun, model: Model) -> LogRun:
    """A run with what it states of the network at hand.

    Where it speaks of another as well, or bears the name of another, only what names a layer is
    known to be of this one.
    """
    foreign = [e for e in run.events if e.fact in ABOUT_LAYERS and e.subject]
    foreign = [e for e in foreign if not _is_of(e.subject, model)]
    names = run.subjects(LogFact.NETWORK_NAMED)
    is_named_otherwise = bool(names) and names[-1] not in scopes_of(model)
    is_shared = is_named_otherwise or any(_scope(event.subject) for event in foreign)
    if not foreign and not is_shared:
        return run
    return replace(run, events=tuple(_kept(run.events, foreign, is_shared=is_shared)))


def _kept(
    events: Iterable[LogEvent], foreign: Sequence[LogEvent], *, is_shared: bool
) -> Iterable[LogEvent]:
    for event in events:
        is_known = event.fact in (*ABOUT_LAYERS, LogFact.RUN_FAILED) and bool(event.subject)
        if (is_known or not is_shared) and event not in foreign:
            yield event


def _foreign(runs: Iterable[LogRun], model: Model) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names: dict[str, None] = {}
    layers: dict[str, None] = {}
    scopes = scopes_of(model)
    for run in runs:
        names.update(dict.fromkeys(run.subjects(LogFact.NETWORK_NAMED)))
        for subject in run.subjects(*ABOUT_LAYERS):
            if not _is_of(subject, model):
                layers[subject] = None
                names.update(dict.fromkeys(filter(None, [_scope(subject)])))
    return tuple(name for name in names if name not in scopes), tuple(layers)


def _scope(subject: str) -> str:
    """The network in the name of a layer; "" where the name has none."""
    parts = [part for part in subject.split("/") if not part.endswith("_op")]
    return parts[0] if len(parts) > 1 else ""


def _file_name(path: str) -> str:
    """Name of a file without folders, and without the stages of the compiler in it."""
    name = os.path.basename(path.replace("\\", "/"))
    return _STAGES.sub("", name)
