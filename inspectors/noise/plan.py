"""The finding about a plan for 16 bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectors.base_inspector import Context
from utils.findings import Finding, Recommendation, Severity
from utils.har.quantization import precision_commands
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import snr_in_words
from utils.wording import listed, plural


def plan_findings(context: Context, plan: MixedPrecisionPlan) -> Iterator[Finding]:
    """What the plan reaches, with its lines; or the best that was found, and what is in the way."""
    network = context.model.network
    if not plan.reached:
        missed = [name for name, db in plan.after_db.items() if not db >= plan.target_db]
        found = " was found in the work allowed that" if plan.cut_short else ""
        yield Finding(
            id="mixed-precision-plan",
            severity=Severity.INFO,
            headline=f"No set of 16-bit layers{found} brings every output to {plan.target_db:g} dB: "
            f"the best that emulation found is {_gains(plan, missed)}; {plan.obstacle}",
            layers=tuple(missed),
            measured=_numbers(plan),
        )
    elif plan.modes:
        names = tuple(name for name in network.layers if name in plan.modes)
        yield Finding(
            id="mixed-precision-plan",
            severity=Severity.INFO,
            headline=f"16 bit at {listed([network[name].described() for name in names])} brings "
            f"every output to the {plan.target_db:g} dB that are wanted, {_tried(context, plan)}: "
            f"{_gains(plan)}; {plan.weight_share:.0%} of the weights and {plan.mac_share:.0%} of "
            "the multiply-accumulates then run at 16 bit, which costs frames per second",
            layers=names,
            measured=_numbers(plan) | _costs(plan),
            recommendation=Recommendation(precision_commands(plan.modes), proven=True),
        )


def _tried(context: Context, plan: MixedPrecisionPlan) -> str:
    """On what the plan was tried, and how far the search for it went."""
    measured = context.measurements.samples if context.measurements else 0
    used = plan.samples or measured
    samples = f"{used} of {measured} samples" if used < measured else plural(used, "sample")
    return f"emulated over {samples}{f' ({plan.cut_short})' if plan.cut_short else ''}"


def _gains(plan: MixedPrecisionPlan, outputs: Sequence[str] = ()) -> str:
    """SNR of outputs, all of them if none are named, before and after; the worst comes first."""
    order = sorted(outputs or plan.after_db, key=lambda name: plan.after_db[name])
    return listed([_gain(plan, name) for name in order])


def _gain(plan: MixedPrecisionPlan, output: str) -> str:
    before, predicted, after = (
        snr_in_words(by_output.get(output), "unknown")
        for by_output in (plan.before_db, plan.predicted_db, plan.after_db)
    )
    foreseen = f", predicted {predicted}" if output in plan.predicted_db else ""
    return f"{output} {after} (before {before}{foreseen})"


def _numbers(plan: MixedPrecisionPlan) -> dict[str, float]:
    stages = {"before": plan.before_db, "after": plan.after_db, "predicted": plan.predicted_db}
    ratios = {f"{name} {stage}": db for stage, by in stages.items() for name, db in by.items()}
    return {"target": plan.target_db, **ratios}


def _costs(plan: MixedPrecisionPlan) -> dict[str, float]:
    return {"weight_share": plan.weight_share, "mac_share": plan.mac_share}
