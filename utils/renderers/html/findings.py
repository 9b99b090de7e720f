"""Findings as cards: by severity, and within it one card for each kind of finding."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from utils.baseline import Change
from utils.findings import Artifact, Finding, Recommendation, Severity
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.renderers.changes import changes
from utils.renderers.html.drawing import Drawing, draw
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.measured_labels import labelled, layer_number, with_unit
from utils.renderers.html.neighbourhood import neighbourhoods
from utils.renderers.html.room import Room
from utils.report import Report
from utils.wording import short

MAX_GRAPHS = 3  # findings of one card that show where they are in the network
MAX_PICTURE = 650_000  # bytes of all pictures together that the page takes along
MAX_NUMBERS = 24  # of one finding
# Layers of one finding, and of one that shows no graph; the others are counted.
MAX_ROWS, FEWER_ROWS = 100, 10
MAX_FINDINGS = 60  # of one card, likewise
MAX_MESSAGE, MAX_COMMAND = 3_000, 20_000  # characters
MAX_STATUS = 300
MAX_COMMANDS = 60  # of one finding
TEXT_ROOM = 200_000  # characters of all messages and commands together
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
    """One finding, ready to be shown.

    Parameters
    ----------
    measured_as : what the numbers of its layers are; "" if that is not known.
    change : against an earlier run; "" without one.
    """

    message: str
    layers: tuple[NamedLayer, ...]
    more_layers: int
    measured_as: str
    numbers: tuple[tuple[str, str], ...]
    commands: tuple[Command, ...]
    more_commands: int
    pictures: tuple[Picture, ...]
    graphs: tuple[Drawing, ...]
    location: str
    change: str


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
    more_findings: int


@dataclass(frozen=True)
class _Page:
    """What all findings share."""

    layers: NumberedLayers
    pictures: Mapping[int, Picture]
    change_of: Callable[[Finding], Change | None]
    room: Room


@dataclass(frozen=True)
class SeverityGroup:
    """All cards of one severity."""

    severity: Severity
    count: int
    cards: tuple[Card, ...]


def severity_groups(layers: NumberedLayers, documentation: Documentation) -> list[SeverityGroup]:
    """What was found, the worst first; severities without findings are left out."""
    inspectors = {doc.name: doc for doc in documentation.inspectors}
    known, report = documentation.findings, layers.report
    page = _Page(layers, _pictures(layers), changes(report), Room(TEXT_ROOM))
    anchor_of, groups = anchors(report), []
    for severity in sorted(Severity, reverse=True):
        cards = tuple(
            Card(
                id=id,
                anchor=anchor_of[severity, id, name],
                inspector_name=name,
                doc=known.get(id),
                inspector=inspectors.get(name),
                findings=tuple(
                    _view(page, finding, with_graph=number < MAX_GRAPHS)
                    for number, finding in enumerate(found[:MAX_FINDINGS])
                ),
                more_findings=max(len(found) - MAX_FINDINGS, 0),
            )
            for (id, name), found in _by_id(report, severity).items()
        )
        if cards:
            groups.append(SeverityGroup(severity, report.count(severity), cards))
    return groups


def anchors(report: Report) -> Mapping[tuple[Severity, str, str], str]:
    """Where links to a card lead, by severity, finding id and name of the inspector."""
    found: dict[tuple[Severity, str, str], str] = {}
    for severity in Severity:
        times: Counter[str] = Counter()
        for id, name in _by_id(report, severity):
            times[id] += 1
            # No finding's id holds two hyphens in a row.
            again = f"--{times[id]}" if times[id] > 1 else ""
            found[severity, id, name] = f"{severity.label}-{id}{again}"
    return found


def _by_id(report: Report, severity: Severity) -> Mapping[tuple[str, str], list[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for result in report.results:
        for finding in result.findings:
            if finding.severity == severity:
                found.setdefault((finding.id, result.name), []).append(finding)
    return found


def _view(page: _Page, finding: Finding, *, with_graph: bool) -> FindingView:
    names = list(dict.fromkeys(finding.layers))
    named = {name: finding.measured.get(name) for name in names}
    others = [(key, value) for key, value in finding.measured.items() if key not in named]
    parts = neighbourhoods(page.layers, names) if with_graph else []
    kind, rows = layer_number(finding.id), MAX_ROWS if with_graph else FEWER_ROWS
    wanted = finding.recommendation.commands if finding.recommendation else ()
    message = page.room.fitted(finding.message, MAX_MESSAGE)
    commands = tuple(_commands(page, finding.recommendation))
    return FindingView(
        message=message,
        layers=tuple(
            NamedLayer(short(name, 160), page.layers.by_name.get(name), with_unit(value, kind.unit))
            for name, value in list(named.items())[:rows]
        ),
        more_layers=max(len(named) - rows, 0),
        measured_as=kind.words if any(value is not None for value in named.values()) else "",
        numbers=tuple(
            (short(label, 80), text)
            for label, text in (labelled(finding.id, *pair) for pair in others[:MAX_NUMBERS])
        ),
        commands=commands,
        more_commands=len(wanted) - len(commands),
        pictures=tuple(page.pictures[id(artifact)] for artifact in finding.artifacts),
        graphs=tuple(map(draw, parts)),
        location=short(str(finding.location or ""), 400),
        change=page.change_of(finding) or "",
    )


def _commands(page: _Page, recommendation: Recommendation | None) -> Iterator[Command]:
    if recommendation is None:
        return
    script = page.layers.report.script
    left_out = dict(script.left_out) if script else {}
    added = script.added if script else ()
    for command in recommendation.commands[:MAX_COMMANDS]:
        parts = ["proven by emulation"] if recommendation.proven else []
        if recommendation.ranges:
            parts.append("not proven by a trial")
        if command in left_out:
            parts.append(f"not in the recommended script: {left_out[command]}")
        elif command in added:
            parts.append("in the recommended script")
        shown = Command(command, short("; ".join(parts), MAX_STATUS))
        # A line that is cut could not be copied.
        if len(command) <= MAX_COMMAND and page.room.holds(command + shown.status):
            yield shown


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
