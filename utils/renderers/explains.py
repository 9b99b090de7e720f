"""What a cause explains, in one line for all who tell it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from utils.causes import Cause, Proof
from utils.causes.links import COMES_WITH, relation
from utils.findings import Finding, Gain
from utils.wording import listed, plural, rounded, short, tenths, without_scope

MAX_KINDS = 8
MAX_NAME = 60  # characters; names in archives may be of any length


def explains(cause: Cause, called: Callable[[str], str] = without_scope) -> str:
    """What one cause explains, or comes with; see `relation`."""
    return explaining(cause.finding, cause.explains, called)


def how_sure(cause: Cause) -> str:
    """How sure a cause is; "" for what is only seen together with others."""
    if relation(cause.finding.id) == COMES_WITH:
        return ""
    gain = cause.gain
    if cause.proof is not Proof.TRIAL or gain is None:
        return cause.proof.in_words
    numbers = f"from {_number(gain, gain.before)} to {_number(gain, gain.after)}"
    if cause.finding.shown_gain is None:
        return f"a trial shows it: with the ranges of these data, {gain.measure} goes {numbers}"
    return f"the remedy is proven: in emulation, {gain.measure} goes {numbers}"


def _number(gain: Gain, value: float) -> str:
    """A number as all other lines tell it: shares as percent, decibels with one decimal."""
    if gain.measure.startswith("share "):
        return f"{value:.0%}"
    return tenths(value) if gain.measure.startswith("SNR in dB") else rounded(value)


def explaining(
    cause: Finding,
    findings: Sequence[Finding],
    called: Callable[[str], str] = without_scope,
) -> str:
    """``explains 3 findings: dead-channels in 2 layers, low-snr at conv1 and worst-samples``.

    The worst of them are named first.

    Parameters
    ----------
    called : what to call a layer.
    """
    layers: dict[str, dict[str, None]] = {}
    for finding in sorted(findings, key=lambda finding: -finding.severity):
        layers.setdefault(finding.id, {}).update(dict.fromkeys(finding.layers))
    kinds = [f"{short(id, MAX_NAME)}{_at(list(names), called)}" for id, names in layers.items()]
    return f"{relation(cause.id)} {plural(len(findings), 'finding')}: {listed(kinds, MAX_KINDS)}"


def _at(layers: Sequence[str], called: Callable[[str], str]) -> str:
    if len(layers) == 1:
        return f" at {short(called(layers[0]), MAX_NAME)}"
    return f" in {plural(len(layers), 'layer')}" if layers else ""
