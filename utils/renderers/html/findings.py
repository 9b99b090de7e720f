"""One finding in parts, ready to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from utils.baseline import Change
from utils.findings import Finding, Gain
from utils.renderers.changes import changes
from utils.renderers.html.drawing import Drawing, draw
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.measured_labels import labelled, layer_number, with_unit
from utils.renderers.html.neighbourhood import neighbourhoods
from utils.renderers.html.numbers import short_number
from utils.renderers.html.pictures import Picture, pictures
from utils.renderers.html.room import Room
from utils.wording import short

MAX_NUMBERS = 24  # of one finding
# Layers of a finding that shows its place in the network, and of others; the rest is counted.
MAX_ROWS, FEWER_ROWS = 100, 10
MAX_TEXT, MAX_COMMAND = 3_000, 20_000  # characters of one part
MAX_STATUS = 300
MAX_COMMANDS = 60  # of one finding
TEXT_ROOM = 200_000  # characters of all texts and commands together


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
class FindingView:
    """The parts of a finding.

    Parameters
    ----------
    shell : what to type in a shell; "" for nothing.
    gain : what a trial of its lines showed.
    measured_as : what the numbers of its layers are; "" if that is not known.
    change : against an earlier run; "" without one.
    """

    headline: str
    evidence: str
    why: str
    remedy: str
    quotation: str
    shell: str
    gain: str
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
class Viewer:
    """What all findings of a page share."""

    layers: NumberedLayers
    pictures: Mapping[int, Picture]
    change_of: Callable[[Finding], Change | None]
    room: Room

    @classmethod
    def of(cls, layers: NumberedLayers) -> Viewer:
        """For the findings of one page."""
        report = layers.report
        return cls(layers, pictures(report), changes(report), Room(TEXT_ROOM))

    def view(self, finding: Finding, *, with_graph: bool) -> FindingView:
        """A finding, with the place of its layers in the network if wanted."""
        named = {name: finding.measured.get(name) for name in dict.fromkeys(finding.layers)}
        rows = MAX_ROWS if with_graph else FEWER_ROWS
        kind = layer_number(finding.id)
        commands = tuple(self._commands(finding))
        return FindingView(
            **self._texts(finding),
            shell=finding.command if self._holds(finding.command) else "",
            gain=gain_in_words(finding.shown_gain),
            layers=tuple(
                NamedLayer(
                    short(name, 160), self.layers.by_name.get(name), with_unit(value, kind.unit)
                )
                for name, value in list(named.items())[:rows]
            ),
            more_layers=max(len(named) - rows, 0),
            measured_as=kind.words if any(v is not None for v in named.values()) else "",
            numbers=_numbers(finding),
            commands=commands,
            more_commands=len(finding.commands) - len(commands),
            pictures=tuple(self.pictures[id(artifact)] for artifact in finding.artifacts),
            graphs=self._graphs(list(named)) if with_graph else (),
            location=short(str(finding.location or ""), 400),
            change=self.change_of(finding) or "",
        )

    def _texts(self, finding: Finding) -> dict[str, str]:
        names, fitted = self.layers.names, self.room.fitted
        parts = ("headline", "evidence", "why", "remedy")
        said = {part: fitted(names.within(getattr(finding, part)), MAX_TEXT) for part in parts}
        return {**said, "quotation": fitted(finding.quotation, MAX_TEXT)}

    def _graphs(self, names: Sequence[str]) -> tuple[Drawing, ...]:
        return tuple(map(draw, neighbourhoods(self.layers, names)))

    def _commands(self, finding: Finding) -> Iterator[Command]:
        for command in finding.commands[:MAX_COMMANDS]:
            shown = Command(command, short(self._status(finding, command), MAX_STATUS))
            if self._holds(command, shown.status):
                yield shown

    def _holds(self, command: str, status: str = "") -> bool:
        # A line that is cut could not be copied.
        return len(command) <= MAX_COMMAND and self.room.holds(command + status)

    def _status(self, finding: Finding, command: str) -> str:
        script, recommendation = self.layers.report.script, finding.recommendation
        assert recommendation is not None
        left_out = dict(script.left_out) if script else {}
        said = ["proven by emulation"] if recommendation.proven else []
        if recommendation.ranges:
            said.append("not proven by a trial")
        if command in left_out:
            said.append(f"not in the recommended script: {left_out[command]}")
        elif script and command in script.added:
            said.append("in the recommended script")
        return "; ".join(said)


def gain_in_words(gain: Gain | None) -> str:
    """What a trial showed; "" without one."""
    if gain is None:
        return ""
    numbers = f"{short_number(gain.before)} → {short_number(gain.after)}"
    return f"{short(gain.measure, 120)}: {numbers}"


def _numbers(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Those that no layer's name stands for."""
    others = [(k, v) for k, v in finding.measured.items() if k not in finding.layers]
    return tuple(
        (short(label, 80), text)
        for label, text in (labelled(finding.id, *pair) for pair in others[:MAX_NUMBERS])
    )
