"""The finding about a plan for 16 bit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from inspectors.base_inspector import Context
from utils.findings import Finding, Gain, Recommendation, Severity
from utils.har.quantization import precision_commands
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import snr_in_words
from utils.wording import itemized, listed, plural

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
HELPS_DB = 1.0  # what a fifth less noise gains; less is not worth the frames per second
FEW = 3  # layers that are named


def plan_findings(context: Context, plan: MixedPrecisionPlan) -> Iterator[Finding]:
    """What the plan reaches, with its lines; or what was tried, and what stands in the way."""
    if not plan.reached:
        yield _missed(plan)
    elif plan.modes:
        yield _reached(context, plan)


def _reached(context: Context, plan: MixedPrecisionPlan) -> Finding:
    names = tuple(name for name in context.model.network.layers if name in plan.modes)
    layers, bring = ("layer", "brings") if len(names) == 1 else ("layers", "bring")
    return Finding(
        id="mixed-precision-plan",
        severity=Severity.INFO,
        headline=f"{_count_in_words(len(names))} {layers} at 16 bit {bring} every output to "
        f"{plan.target_db:g} dB",
        evidence=f"{_gains(plan, plan.after_db)}, {_emulated(context, plan)}; "
        f"{plan.weight_share:.0%} of the weights and {plan.mac_share:.0%} of the "
        "multiply-accumulates then have 16 bit",
        why="16 bit costs frames per second.",
        remedy=f"Give {listed(names)} 16 bit with these lines and quantize again.",
        layers=names,
        measured=_numbers(plan) | {"weight_share": plan.weight_share, "mac_share": plan.mac_share},
        recommendation=Recommendation(
            precision_commands(plan.modes), proven=True, gain=_gain_of_the_worst(plan)
        ),
    )


def _emulated(context: Context, plan: MixedPrecisionPlan) -> str:
    """On what the plan was tried, and how far the search for it went."""
    measured = context.measurements.samples if context.measurements else 0
    used = plan.samples or measured
    samples = f"{used} of {measured} samples" if used < measured else plural(used, "sample")
    return f"emulated over {samples}{f' ({plan.cut_short})' if plan.cut_short else ''}"


def _missed(plan: MixedPrecisionPlan) -> Finding:
    missed = [name for name, db in plan.after_db.items() if not db >= plan.target_db]
    shown = missed or plan.after_db
    return Finding(
        id="mixed-precision-plan",
        severity=Severity.INFO,
        headline=_what_is_missed(plan, missed),
        evidence="; ".join(filter(None, (_gains(plan, shown), _tried(plan), plan.obstacle))),
        layers=tuple(missed),
        measured=_numbers(plan),
    )


def _what_is_missed(plan: MixedPrecisionPlan, missed: Sequence[str]) -> str:
    if any(math.isnan(plan.after_db[name]) for name in missed):
        return "A plan for 16 bit cannot be tried at every output"
    gains = [plan.after_db[name] - plan.before_db.get(name, math.nan) for name in missed]
    if gains and all(gain < HELPS_DB for gain in gains):
        return "16 bit does not help here"
    if plan.cut_short:
        return f"No set of 16-bit layers for {plan.target_db:g} dB was found in the work allowed"
    return f"16 bit alone does not bring every output to {plan.target_db:g} dB"


def _tried(plan: MixedPrecisionPlan) -> str:
    """Which layers had 16 bit in trials; how many, where they are too many to be named."""
    count = len(plan.candidates)
    if count > FEW:
        return f"{plural(count, 'layer')} were tried"
    return f"tried at {listed(plan.candidates)}" if count else ""


def _gains(plan: MixedPrecisionPlan, outputs: Iterable[str]) -> str:
    """SNR of outputs before and after; the worst comes first."""
    order = sorted(outputs, key=lambda name: plan.after_db[name])
    return itemized([_gain(plan, name) for name in order])


def _gain(plan: MixedPrecisionPlan, output: str) -> str:
    before, after = (
        snr_in_words(by_output.get(output), "unknown")
        for by_output in (plan.before_db, plan.after_db)
    )
    return f"{output} {after}, before {before}"


def _gain_of_the_worst(plan: MixedPrecisionPlan) -> Gain | None:
    """Of the output that is noisiest without the plan, as far as both numbers are known."""
    known = {
        name: before
        for name, before in plan.before_db.items()
        if math.isfinite(before) and math.isfinite(plan.after_db.get(name, math.nan))
    }
    if not known:
        return None
    worst = min(known, key=known.__getitem__)
    return Gain(f"SNR in dB at {worst}", known[worst], plan.after_db[worst])


def _count_in_words(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def _numbers(plan: MixedPrecisionPlan) -> dict[str, float]:
    stages = {"before": plan.before_db, "after": plan.after_db, "predicted": plan.predicted_db}
    ratios = {f"{name} {stage}": db for stage, by in stages.items() for name, db in by.items()}
    return {"target": plan.target_db, **ratios}
