"""Events of a log with what they mean for the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inspectors.dfc_log.own_runs import layer_of
from utils.findings import Severity
from utils.har.model import Model
from utils.side_files.log_events import LogEvent
from utils.wording import listed

MAX_NAMED = 3  # layers of one finding; the log names the others


@dataclass(frozen=True)
class JudgedEvent:
    """An event about a layer.

    Parameters
    ----------
    event : what the log states.
    severity : how much it matters.
    layer : the layer of the archive; None where it has no such layer.
    text : name and number, for a list.
    """

    event: LogEvent
    severity: Severity
    layer: str | None
    text: str


def by_severity(events: Iterable[JudgedEvent]) -> Iterator[tuple[Severity, list[JudgedEvent]]]:
    """Events of equal severity together, the worst severity first, in the order they come in."""
    found = list(events)
    for severity in sorted({each.severity for each in found}, reverse=True):
        yield severity, [each for each in found if each.severity is severity]


def layers_of(model: Model, events: Iterable[JudgedEvent]) -> tuple[str, ...]:
    """Layers of the archive that events are about, in graph order."""
    named = {each.layer for each in events}
    return tuple(name for name in model.network.layers if name in named)


def texts_of(events: Iterable[JudgedEvent]) -> str:
    """Names and numbers, the first three."""
    return listed([each.text for each in events], MAX_NAMED)


def described(model: Model, subject: str) -> str:
    """What to call a layer that a log names."""
    layer = layer_of(model, subject)
    return subject if layer is None else model.network[layer].described()
