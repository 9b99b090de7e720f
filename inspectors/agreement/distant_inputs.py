"""Inputs whose values all lie far from 0, so that hardly any codes tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.agreement.inputs import CodedInput
from inspectors.agreement.judgement import bounded
from inspectors.agreement.noisy_inputs import Cost, costly_inputs
from inspectors.base_inspector import Context
from inspectors.normalization.on_chip import normalization_steps
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.wording import interval, rounded

# Of the end that lies farthest from 0: where the other end begins there, most codes are unused.
LEAST_START = 0.5
# Of 8 bits, two or more are lost then, which taking the mean off brings back. Whether that is felt
# is measured: values that vary little beside their range need more codes than others.
FEW_CODES = 64.0


def distant_input_findings(context: Context) -> Iterator[Finding]:
    """One finding for each such input of which an output suffers."""
    for layer, cost, coded in costly_inputs(context):
        if _is_distant(coded):
            yield _finding(context, layer, cost, coded)


def _is_distant(coded: CodedInput) -> bool:
    values = coded.sourced.values
    ends = sorted((abs(values.low), abs(values.high)))
    is_of_one_sign = values.low * values.high > 0
    return is_of_one_sign and ends[0] >= LEAST_START * ends[1] and _codes(coded) < FEW_CODES


def _codes(coded: CodedInput) -> float:
    """How many codes all values span together."""
    values = coded.sourced.values
    return float((values.high - values.low) / coded.steps.max())


def _finding(context: Context, layer: Layer, cost: Cost, coded: CodedInput) -> Finding:
    values, codes = coded.sourced.values, _codes(coded)
    return Finding(
        id="channel-without-codes",
        severity=bounded(context, Severity.WARNING, [layer.name]) or Severity.INFO,
        headline="The values of an input lie far from 0, which leaves them few codes",
        evidence=f"{layer.name} spans {interval(values.low, values.high)}, which is {codes:.2g} "
        f"codes of {context.model.highest_code(layer.name)}, as its range begins at 0; "
        f"{cost.described()}; {coded.sourced.source}",
        why="Codes are spread from 0 on, and a normalization on the chip comes after them.",
        remedy=_remedy(context, layer, values.pooled_mean),
        layers=(layer.name,),
        measured={"codes": codes, f"{cost.output} alone": cost.snr_db},
    )


def _remedy(context: Context, layer: Layer, mean: float) -> str:
    lines = [
        str(step.line)
        for step in normalization_steps(context.model, context.script, layer)
        if step.line
    ]
    if len(lines) == 1:
        return (
            f"Normalize these values on the host, delete line {lines[0]} of the model script, and "
            "quantize again on what that gives."
        )
    return (
        f"Subtract about {rounded(mean)} on the host, export the network for such values, and "
        "quantize again."
    )
