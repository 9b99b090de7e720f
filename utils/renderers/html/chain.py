"""From a cause to its consequences, in the order in which the fault passes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from utils.causes.links import Link, link_of
from utils.findings import Finding
from utils.renderers.html.grouping import Group
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import snr_with_unit
from utils.renderers.html.snr_class import snr_class
from utils.wording import plural, short

MAX_STEPS, MAX_LAYERS = 5, 2  # that are shown; the others are counted
MAX_HEADLINE = 90  # characters
PLACES = {
    Link.JUDGEABLE: "files",
    Link.CALIBRATION: "calibration",
    Link.DATA: "data",
    Link.FLOAT: "float network",
    Link.REQUEST: "script",
    Link.PLACE: "design",
    Link.LAYER: "layers",
    Link.OUTPUT: "outputs",
    Link.DEVICE: "chip",
    Link.FACT: "besides",
}


@dataclass(frozen=True)
class Place:
    """A layer of the chain, with its SNR in words, "" where it is not known."""

    layer: NumberedLayer
    snr: str
    style: str


@dataclass(frozen=True)
class Step:
    """Consequences of one kind: in which part of the chain, what is seen, and at which layers."""

    part: str
    headline: str
    anchor: str
    severity: str
    times: int
    places: tuple[Place, ...]
    more_places: int


@dataclass(frozen=True)
class Chain:
    """Steps, how many findings they stand for, and how many more there are."""

    steps: tuple[Step, ...]
    relation: str
    explained: str
    more: int


def chain(layers: NumberedLayers, cause: Group) -> Chain:
    """What a cause explains; the consequences that weigh most, where there are many."""
    weightiest = sorted(cause.consequences, key=lambda group: -group.severity)[:MAX_STEPS]
    ordered = sorted(weightiest, key=lambda group: link_of(group.id))
    return Chain(
        tuple(_step(layers, group) for group in ordered),
        cause.relation,
        plural(cause.explained, "finding"),
        cause.explained - sum(len(group.findings) for group in weightiest),
    )


def places(layers: NumberedLayers, findings: Iterable[Finding]) -> tuple[Place, ...]:
    """Layers of findings that the network has, each once, in graph order."""
    names = {name for finding in findings for name in finding.layers}
    return tuple(_place(each) for each in layers.all if each.layer.name in names)


def _step(layers: NumberedLayers, group: Group) -> Step:
    found = places(layers, group.findings)
    return Step(
        PLACES[link_of(group.id)],
        short(layers.names.within(group.findings[0].headline), MAX_HEADLINE),
        group.anchor,
        group.severity.label,
        len(group.findings),
        found[:MAX_LAYERS],
        len(found[MAX_LAYERS:]),
    )


def _place(each: NumberedLayer) -> Place:
    value = each.entry.get("snr_db")
    return Place(each, snr_with_unit(value), snr_class(value))
