"""Channels of an output that vary in float and are constant on the chip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.agreement.inputs import SHARED_WIDTH, coarse_inputs, named
from inspectors.agreement.judgement import kind_wanted
from inspectors.base_inspector import Context
from inspectors.finer_codes import tried_finer_codes
from inspectors.noise.constants import constant_outputs
from inspectors.searched_plan import plan_of
from utils.findings import Finding, Severity
from utils.har.reach import reached_from
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.agreement.limits import LIMITS
from utils.measurements.agreement.readings import readings
from utils.measurements.scale_trial import COUNTING
from utils.outputs.producers import joined_producers
from utils.wording import listed, plural

# Codes between what a score is in float and the threshold: as many are left to rise through.
CODES_TO_RISE = 16
NEVER_FIRES = "In float such scores stay far below the threshold as well: none is lost."
ALIKE = "If the output holds classes this does no harm: the same ones come first."


def silent_outputs(context: Context, found: AgreementMeasurements) -> Iterator[Finding]:
    """One finding for each output with such channels, where nothing else tells of them.

    What is lost at an input is missing at all outputs behind it, and an output of which no channel
    answers has not lost its codes to a wider one.
    """
    network = context.model.network
    coarse = [each.layer.name for each in context.known(coarse_inputs)]
    told = reached_from(network, coarse) | {
        each.output.layer.name for each in context.known(constant_outputs)
    }
    for name, output in found.outputs.items():
        codes = found.judged_codes(name)
        channels = tuple(map(int, np.flatnonzero(codes.silenced)))
        if not channels or name in told or output.settled.kind not in COUNTING:
            continue
        is_low = _are_low(context, found, name, channels)
        severity = Severity.INFO if is_low else _severity(output)
        producers = [p.name for p in network.producers(network[name])]
        is_harmless = severity is Severity.INFO
        finer = None if is_harmless else tried_finer_codes(context, producers)
        constant = (
            f"{named(channels)} of {len(codes.floats.low)} of "
            f"{found.judged_layer(name)} {'has' if len(channels) == 1 else 'have'} one code for "
            f"all {plural(len(output.samples.positions), 'sample')}"
        )
        yield Finding(
            id="channel-without-codes",
            severity=severity,
            headline="Channels of an output are constant on the chip, but not in float",
            evidence="; ".join(filter(None, (constant, finer.evidence if finer else ""))),
            why=(NEVER_FIRES if is_low else ALIKE) if is_harmless else SHARED_WIDTH,
            remedy=("" if output.settled.kind == "scores" else kind_wanted([name]))
            if is_harmless
            else (finer.remedy if finer else "")
            or "Scale the targets of all channels to one range in "
            f"training{_or_widened(context, name, producers)}.",
            layers=tuple(dict.fromkeys([*producers, name])),
            measured={"channels": float(len(channels)), "of": float(len(codes.floats.low))},
            recommendation=finer.recommendation if finer else None,
        )


def _are_low(
    context: Context, found: AgreementMeasurements, name: str, channels: tuple[int, ...]
) -> bool:
    """Whether channels are scores that lie far below the threshold in float, as of rare classes.

    Many codes between them and the threshold show that they are silent because they do not vary,
    not because a wider channel took their codes.
    """
    network, output = context.model.network, found.outputs[name]
    may_be_scores = output.settled.kind == "scores" or (
        output.settled.kind == "unknown"
        and all(x.activation == "sigmoid" for x in joined_producers(network, network[name]))
    )
    encoding = context.model.encoding(found.judged_layer(name))
    if encoding is None or not may_be_scores:
        return False
    highest = found.judged_codes(name).floats.high
    steps = encoding.steps(highest.size)
    is_far = (steps > 0) & (output.threshold - highest >= CODES_TO_RISE * steps)
    return bool(is_far[list(channels)].all())


def _severity(output: OutputAgreement) -> Severity:
    """How bad it is that a channel is silent; of an unknown output, whether that is known."""
    if output.settled.kind != "unknown":
        return Severity.ERROR
    return Severity.INFO if _decides_as_classes(output) else Severity.WARNING


def _or_widened(context: Context, output: str, producers: list[str]) -> str:
    """The other way out, unless it was tried and led nowhere."""
    plan = plan_of(context)
    if plan and output in plan.missed and set(producers) <= set(plan.candidates):
        return ""
    return f", or give {listed(producers)} 16 bit"


def _decides_as_classes(output: OutputAgreement) -> bool:
    """Whether an output may well hold classes, and then decides as in float.

    Of numbers that count one by one, the widest mostly comes first in all samples.
    """
    same = readings(output).get("classes", {}).get("same_top1")
    if same is None or output.wins is None or np.count_nonzero(output.wins) < 2:
        return False
    return LIMITS["same_top1"].severity(same) is None
