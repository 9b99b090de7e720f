"""What a log says of layers: shrunken weights, lost bits of outputs, forced ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.dfc_log.judged import JudgedEvent, by_severity, described, layers_of, texts_of
from inspectors.dfc_log.own_runs import OwnRuns, layer_of
from utils.facts.log_lines import LogFact
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import Model
from utils.har.network import Layer
from utils.model_script import holds_lines
from utils.side_files.log_events import LogEvent

OWN_SCALES = "Give every output channel its own scale with this line, and compare the accuracy."
# What to do where the model script asks for these scales already.
LOOK_AT_DATA = "Check that calibration saw real data, prepared as in training, and optimize again."
# What that gains depends on the network.
OUTPUT_VECTORS = Recommendation(
    ("model_optimization_config(globals, output_encoding_vector=enabled)",),
    "Give every output channel its own scale? Measure the accuracy with and without it.",
    default=False,
)


@dataclass(frozen=True)
class BitLimits:
    """When lost bits matter.

    Parameters
    ----------
    shift_info, shift_warning : bits that weights lost, above which it is a finding.
    left_error, left_warning : bits left of an output, down from which it is an error, a warning.
    """

    shift_info: float
    shift_warning: float
    left_error: float
    left_warning: float


def shrunken_weights(context: Context, own: OwnRuns, limits: BitLimits) -> Iterator[Finding]:
    """Weights that the log calls shrunk, where the archive does not store by how much."""
    model, (remedy, line) = context.model, _finer_scales(context)
    judged = []
    for event in _largest_first(own.about(LogFact.NO_SHIFT)):
        layer = layer_of(model, event.subject)
        is_told = layer is not None and model.shift_delta(layer) is not None
        if event.value > limits.shift_info and not is_told:
            mode = model.precision_mode(layer) if layer else None
            is_loud = event.value > limits.shift_warning and (mode is None or mode.weight_bits <= 8)
            severity = Severity.WARNING if is_loud else Severity.INFO
            text = f"{described(model, event.subject)} by {event.value:.2f} bits"
            judged.append(JudgedEvent(event, severity, layer, text))
    for severity, events in by_severity(judged):
        yield Finding(
            id="dfc-no-shift",
            severity=severity,
            headline="The compiler shrank weights so that their sums fit the accumulator",
            evidence=texts_of(events),
            why="Shrunk weights use fewer of their codes, so they are rounded more coarsely. An "
            "input that is not normalized is a common cause.",
            remedy=remedy if severity > Severity.INFO else "",
            quotation=events[0].event.text,
            layers=layers_of(model, events),
            measured={f"delta of {each.event.subject}": each.event.value for each in events},
            recommendation=line if severity > Severity.INFO else None,
            location=events[0].event.location,
        )


def reduced_outputs(context: Context, own: OwnRuns, limits: BitLimits) -> Iterator[Finding]:
    """Outputs that kept few of their bits."""
    model, (remedy, line) = context.model, _finer_scales(context)
    judged = []
    for event in _largest_first(own.about(LogFact.BITS_REDUCED)):
        layer = layer_of(model, event.subject)
        bits = model.highest_code(layer or "").bit_length()
        left = max(bits - event.value, 0.0)
        if event.value > 0:
            # Where more is lost than there was, the compiler counts from another number of bits.
            of = f" of {bits}" if event.value <= bits else ""
            text = f"{described(model, event.subject)} by {event.value:g}{of} bits"
            judged.append(JudgedEvent(event, _severity_of_bits(left, limits), layer, text))
    for severity, events in by_severity(judged):
        yield Finding(
            id="dfc-bits-reduced",
            severity=severity,
            headline="Outputs of layers lost bits because their scale cannot be reached",
            evidence=texts_of(events),
            why=_why_reduced(model, events),
            remedy=remedy,
            quotation=events[0].event.text,
            layers=layers_of(model, events),
            measured={f"bits lost by {each.event.subject}": each.event.value for each in events},
            recommendation=line,
            location=events[0].event.location,
        )


def _finer_scales(context: Context) -> tuple[str, Recommendation | None]:
    """What gives channels more codes, with the line for it; another step where it is there."""
    if holds_lines(context.script, OUTPUT_VECTORS.commands):
        return LOOK_AT_DATA, None
    return OWN_SCALES, OUTPUT_VECTORS


def _severity_of_bits(left: float, limits: BitLimits) -> Severity:
    if left <= limits.left_error:
        return Severity.ERROR
    return Severity.WARNING if left <= limits.left_warning else Severity.INFO


def _why_reduced(model: Model, events: Iterable[JudgedEvent]) -> str:
    lost = "Each bit that is lost halves the number of codes."
    if any(each.layer and _has_pool_in_front(model, each.layer) for each in events):
        return f"{lost} The average pool in front of such a layer is a common cause."
    return f"{lost} An input that is not normalized is a common cause."


def _has_pool_in_front(model: Model, name: str) -> bool:
    network = model.network
    before = (p for each in network.predecessors(network[name]) for p in network.producers(each))
    return any(map(_is_pool, before))


def _is_pool(layer: Layer) -> bool:
    return layer.type in ("avgpool", "global_avg_pool", "reduce_mean")


def changed_activations(model: Model, own: OwnRuns) -> Iterator[Finding]:
    """Outputs to which the compiler gave a range or a sigmoid."""
    forced, added = own.about(LogFact.RANGE_FORCED), own.about(LogFact.SIGMOID_ADDED)
    if not forced and not added:
        return
    judged = [
        JudgedEvent(event, Severity.INFO, layer_of(model, event.subject), _changed(model, event))
        for event in (*forced, *added)
    ]
    yield Finding(
        id="dfc-range-forced",
        severity=Severity.INFO,
        headline="The compiler changed the range or the activation of outputs by itself",
        evidence=texts_of(judged),
        why="This is right where the output is a probability.",
        quotation=judged[0].event.text,
        layers=layers_of(model, judged),
        measured={"forced": len(forced), "sigmoids_added": len(added)},
        location=judged[0].event.location,
    )


def _changed(model: Model, event: LogEvent) -> str:
    name = described(model, event.subject)
    if event.fact is LogFact.SIGMOID_ADDED:
        return f"{name} got a sigmoid from the postprocessing"
    if len(event.numbers) != 2:
        return f"{name} got the range 0 to 1"
    low, high = event.numbers
    return f"{name} got the range 0 to 1 in place of {low:.3g} to {high:.3g}"


def _largest_first(events: Iterable[LogEvent]) -> list[LogEvent]:
    finite = [event for event in events if math.isfinite(event.value)]
    return sorted(finite, key=lambda event: -event.value)
