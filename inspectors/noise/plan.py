"""The finding about a plan for 16 bit, and for 8-bit instead of 4-bit weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from inspectors.base_inspector import Context
from inspectors.bias_correction import is_worth_it
from inspectors.compression_lines import lines_against_compression
from inspectors.noise.remedies import given_bits
from inspectors.searched_plan import is_for_most
from utils.findings import Finding, Recommendation, Severity
from utils.har.quantization import precision_commands
from utils.measurements.agreement.change import change_in_words, gain_at_the_worst
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.wording import itemized, listed, percentage, plural

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FEW = 3  # layers that are named
# When to take a plan that is not offered by itself, and what speaks against it.
UNPROVEN = (
    "the output has to be as exact as that",
    "No decision is known to come back with it.",
)
BEHIND_BIASES = (
    "bias correction is not enough",
    "Bias correction costs nothing, so try that first.",
)


def plan_findings(context: Context, plan: MixedPrecisionPlan) -> Iterator[Finding]:
    """What the plan reaches, with its lines; or what was tried, and what stands in the way."""
    if not plan.reached:
        yield _missed(plan)
    elif plan.modes:
        yield _reached(context, plan)


def _reached(context: Context, plan: MixedPrecisionPlan) -> Finding:
    names = tuple(name for name in context.model.network.layers if name in plan.modes)
    given = given_bits(context.model.network, plan)
    against = lines_against_compression(context, plan.modes) if plan.eight_bit else ()
    lines = (*precision_commands(plan.modes), *against)
    # What costs nothing comes before 16 bit almost everywhere.
    is_second = plan.is_proven and is_for_most(plan) and is_worth_it(context)
    is_offered = plan.is_proven and not is_second
    limit, doubt = BEHIND_BIASES if is_second else UNPROVEN
    return Finding(
        id="mixed-precision-plan",
        severity=Severity.INFO,
        headline=_what_is_reached(plan),
        evidence=f"{_changes(plan, plan.after)}, {_emulated(context, plan)}; {_cost(plan)}",
        why=_price(plan),
        remedy=f"{given} with these lines and quantize again."
        if is_offered
        else f"Add these lines only if {limit}.",
        layers=names,
        measured=_numbers(plan) | {"weight_share": plan.weight_share, "mac_share": plan.mac_share},
        recommendation=Recommendation(
            lines,
            question="" if is_offered else f"{given}? {doubt}",
            default=is_offered,
            proven=is_offered,
            gain=gain_at_the_worst(plan.before, plan.after),
        ),
    )


def _what_is_reached(plan: MixedPrecisionPlan) -> str:
    means, count = _means(plan)
    if plan.gains_decisions:
        return f"With {means} the chip decides as the float network does"
    reaches, reached_before = (
        all(outcome.snr_db >= plan.target_db for outcome in found.values())
        for found in (plan.after, plan.before)
    )
    if reaches and not reached_before:
        subject = f"{count} at 16 bit" if count else means
        verb = "brings" if count.endswith("layer") else "bring"
        return f"{subject[:1].upper()}{subject[1:]} {verb} every output to {plan.target_db:g} dB"
    return f"With {means} the outputs are less noisy"


def _means(plan: MixedPrecisionPlan) -> tuple[str, str]:
    """What the plan takes; and, where that is 16 bit only, at how many layers."""
    wide, narrow = _layers(len(plan.sixteen_bit)), _layers(len(plan.eight_bit))
    if not plan.eight_bit:
        return f"16 bit at {wide}", wide
    sixteen = f" and 16 bit at {wide}" if plan.sixteen_bit else ""
    return f"8-bit weights at {narrow}{sixteen}", ""


def _layers(count: int) -> str:
    number = NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"
    return f"{number} layer{'' if count == 1 else 's'}"


def _cost(plan: MixedPrecisionPlan) -> str:
    if not plan.sixteen_bit:
        return "no layer then has 16 bit"
    return (
        f"{percentage(plan.weight_share)} of the weights and {percentage(plan.mac_share)} of the "
        "multiply-accumulates then have 16 bit"
    )


def _price(plan: MixedPrecisionPlan) -> str:
    prices = ["8-bit weights take twice the memory of 4-bit weights."] if plan.eight_bit else []
    return " ".join(prices + (["16 bit costs frames per second."] if plan.sixteen_bit else []))


def _emulated(context: Context, plan: MixedPrecisionPlan) -> str:
    """On what the plan was tried, and how far the search for it went."""
    measured = context.measurements.samples if context.measurements else 0
    used = plan.samples or measured
    samples = f"{used} of {measured} samples" if used < measured else plural(used, "sample")
    return f"emulated over {samples}{f' ({plan.cut_short})' if plan.cut_short else ''}"


def _missed(plan: MixedPrecisionPlan) -> Finding:
    # What was found to be no better, or worse, than nothing is no number to be shown.
    changes = _changes(plan, [n for n in plan.missed if n in plan.after] or plan.after)
    return Finding(
        id="mixed-precision-plan",
        severity=Severity.INFO,
        headline=_what_is_missed(plan),
        evidence="; ".join(
            filter(None, (changes if plan.helps else "", _tried(plan), plan.obstacle))
        ),
        layers=plan.missed,
        measured=_numbers(plan),
    )


def _what_is_missed(plan: MixedPrecisionPlan) -> str:
    if any(name not in plan.after for name in plan.missed):
        return "A plan for 16 bit cannot be tried at every output"
    if not plan.helps:
        return "16 bit does not help here"
    if any(plan.after[name].room < 0 for name in plan.missed):
        return "16 bit alone does not bring back enough of the lost decisions"
    if plan.cut_short:
        return f"No set of 16-bit layers for {plan.target_db:g} dB was found in the work allowed"
    return f"16 bit alone does not bring every output to {plan.target_db:g} dB"


def _tried(plan: MixedPrecisionPlan) -> str:
    """Which layers had 16 bit in trials; how many, where they are too many to be named."""
    count = len(plan.candidates)
    if count > FEW:
        return f"{plural(count, 'layer')} were tried"
    return f"tried at {listed(plan.candidates)}" if count else ""


def _changes(plan: MixedPrecisionPlan, outputs: Iterable[str]) -> str:
    """Outputs before and after; the noisiest comes first."""
    names = sorted((n for n in outputs if n in plan.before), key=lambda n: _badness(plan.after[n]))
    return itemized([f"{n}: {change_in_words(plan.before[n], plan.after[n])}" for n in names])


def _badness(outcome: Outcome) -> float:
    return -math.inf if math.isnan(outcome.snr_db) else outcome.snr_db


def _numbers(plan: MixedPrecisionPlan) -> dict[str, float]:
    stages = {"before": plan.before_db}
    if plan.helps:
        stages |= {"after": plan.after_db, "predicted": plan.predicted_db}
    ratios = {f"{name} {stage}": db for stage, by in stages.items() for name, db in by.items()}
    return {"target": plan.target_db, **ratios}
