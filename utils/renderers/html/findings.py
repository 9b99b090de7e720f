"""Findings as cards: by severity, and within it one card for each kind of finding."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from utils.baseline import Change
from utils.finding_docs import Documentation, FindingDoc, InspectorDoc
from utils.findings import Artifact, Finding, Recommendation, Severity
from utils.recommendations import RecommendedScript
from utils.renderers.changes import changes
from utils.renderers.html.drawing import Drawing, draw
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.neighbourhood import neighbourhoods
from utils.renderers.html.numbers import short_number
from utils.renderers.untrusted import short

MAX_GRAPHS = 3  # findings of one card that show where they are in the network
MAX_PICTURE = 1_500_000  # bytes of all pictures together that the page takes along
MAX_NUMBERS = 24  # of one finding
MAX_ROWS = 100  # layers of one finding; the others are counted
KINDS_OF_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


@dataclass(frozen=True)
class NamedLayer:
    """A layer of a finding: as the page knows it, or by name if no graph has it."""

    name: str
    layer: NumberedLayer | None
    measured: str


@dataclass(frozen=True)
class Command:
    """A line of the model script, and what became of it."""

    text: str
    status: str


@dataclass(frozen=True)
class Picture:
    """An artifact: `source` is a data URI, "" if it is too large or no picture."""

    name: str
    source: str


@dataclass(frozen=True)
class FindingView:
    """One finding, ready to be shown; `change` is against an earlier run, "" without one."""

    message: str
    layers: tuple[NamedLayer, ...]
    more_layers: int
    numbers: tuple[tuple[str, str], ...]
    commands: tuple[Command, ...]
    pictures: tuple[Picture, ...]
    graphs: tuple[Drawing, ...]
    location: str
    change: str

    @property
    def has_measured(self) -> bool:
        """Whether any layer has a number of its own."""
        return any(layer.measured for layer in self.layers)


@dataclass(frozen=True)
class Card:
    """All findings of one id and severity.

    Parameters
    ----------
    anchor : where links lead.
    doc, inspector : what the documentation says; None for inspectors it does not know.
    """

    id: str
    anchor: str
    inspector_name: str
    doc: FindingDoc | None
    inspector: InspectorDoc | None
    findings: tuple[FindingView, ...]


@dataclass(frozen=True)
class SeverityGroup:
    """All cards of one severity."""

    severity: Severity
    count: int
    cards: tuple[Card, ...]


def severity_groups(layers: NumberedLayers, documentation: Documentation) -> list[SeverityGroup]:
    """What was found, the worst first; severities without findings are left out."""
    inspectors = {doc.name: doc for doc in documentation.inspectors}
    known = documentation.findings
    pictures, change_of = _pictures(layers), changes(layers.report)
    groups = []
    for severity in sorted(Severity, reverse=True):
        cards = tuple(
            Card(
                id=id,
                anchor=f"{severity.label}-{id}",
                inspector_name=name,
                doc=known.get(id),
                inspector=inspectors.get(name),
                findings=tuple(
                    _view(layers, finding, change_of(finding), number < MAX_GRAPHS, pictures)
                    for number, finding in enumerate(found)
                ),
            )
            for (id, name), found in _by_id(layers, severity).items()
        )
        if cards:
            groups.append(SeverityGroup(severity, layers.report.count(severity), cards))
    return groups


def _by_id(layers: NumberedLayers, severity: Severity) -> Mapping[tuple[str, str], list[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for result in layers.report.results:
        for finding in result.findings:
            if finding.severity == severity:
                found.setdefault((finding.id, result.name), []).append(finding)
    return found


def _view(
    layers: NumberedLayers,
    finding: Finding,
    change: Change | None,
    with_graph: bool,
    pictures: Mapping[int, Picture],
) -> FindingView:
    names = list(dict.fromkeys(finding.layers))
    named = {name: finding.measured.get(name) for name in names}
    others = [(k, v) for k, v in finding.measured.items() if k not in named]
    parts = neighbourhoods(layers, names) if with_graph else []
    return FindingView(
        message=finding.message,
        layers=tuple(
            NamedLayer(short(name, 160), layers.by_name.get(name), short_number(value))
            for name, value in list(named.items())[:MAX_ROWS]
        ),
        more_layers=max(len(named) - MAX_ROWS, 0),
        numbers=tuple((short(k, 80), short_number(v)) for k, v in others[:MAX_NUMBERS]),
        commands=tuple(_commands(finding.recommendation, layers.report.script)),
        pictures=tuple(pictures[id(artifact)] for artifact in finding.artifacts),
        graphs=tuple(map(draw, parts)),
        location=str(finding.location or ""),
        change=change or "",
    )


def _commands(
    recommendation: Recommendation | None, script: RecommendedScript | None
) -> Iterator[Command]:
    if recommendation is None:
        return
    left_out = dict(script.left_out) if script else {}
    added = script.added if script else ()
    for command in recommendation.commands:
        parts = ["proven by emulation"] if recommendation.proven else []
        if recommendation.ranges:
            parts.append("not proven by a trial")
        if command in left_out:
            parts.append(f"not in the recommended script: {left_out[command]}")
        elif command in added:
            parts.append("in the recommended script")
        yield Command(command, "; ".join(parts))


def _pictures(layers: NumberedLayers) -> dict[int, Picture]:
    """What goes into the page of every artifact, as long as there is room; by identity."""
    artifacts = [each for finding in layers.report.findings() for each in finding.artifacts]
    room = MAX_PICTURE
    found: dict[int, Picture] = {}
    for artifact in artifacts:
        kind = _kind(artifact)
        takes = kind and len(artifact.data) <= room
        room -= len(artifact.data) if takes else 0
        found[id(artifact)] = Picture(artifact.name, _data_uri(kind, artifact) if takes else "")
    return found


def _data_uri(kind: str, artifact: Artifact) -> str:
    # Base64 needs no escaping, and is too long to be looked through for what would.
    return Markup(f"data:{kind};base64,{base64.b64encode(artifact.data).decode()}")


def _kind(artifact: Artifact) -> str:
    for start, kind in KINDS_OF_PICTURES.items():
        if artifact.data.startswith(start):
            return kind
    return ""
