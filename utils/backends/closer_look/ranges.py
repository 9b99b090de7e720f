"""What recommended ranges would do, measured before anybody spends an hour on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from utils.backends.closer_look.variants_tried import VariantPart
from utils.backends.networks import Networks
from utils.backends.variants import Variant
from utils.emulator.measuring.budget import Budget, affordable_count
from utils.emulator.measuring.trial import TrialRun
from utils.har.quantization import Encoding
from utils.jobs.range_trial import MAX_TRIALS, RangeTrial, RangeTrials
from utils.measurements.left_out import FEWEST_SAMPLES, INTERRUPTED
from utils.terminal.phases import timed
from utils.terminal.progress import is_watched, progress_bar

OVER_BUDGET = "the work allowed behind the data pass was used up; --exact-sensitivity lifts that"


def tried_first(
    encodings: Mapping[str, Encoding | None],
    ranges: Mapping[str, tuple[float, float]],
    together: Collection[Collection[str]] = (),
) -> list[tuple[str, ...]]:
    """Layers whose ranges are tried: those that they narrow most, as far as they are coded.

    Parameters
    ----------
    together : layers that are changed at once, and judged by the one that is narrowed most.
    """
    ratios = {
        name: (high - low) / (encoding.high - encoding.low)
        for name, (low, high) in ranges.items()
        if (encoding := encodings.get(name)) is not None and encoding.high > encoding.low
    }
    grouped = {name for group in together for name in group}
    groups = [tuple(name for name in group if name in ratios) for group in together]
    groups += [(name,) for name in ratios if name not in grouped]
    whole = [group for group in groups if group]
    return sorted(whole, key=lambda group: min(ratios[name] for name in group))[:MAX_TRIALS]


def tried_ranges(
    networks: Networks,
    budget: Budget,
    ranges: Mapping[str, tuple[float, float]],
    together: Collection[Collection[str]] = (),
) -> RangeTrials:
    """Outputs before and after, by layer that was tried.

    Parameters
    ----------
    together : layers that are changed at once; all others are, one at a time.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    stored = networks.stored
    encodings = {name: stored[name].output for name in ranges if name in stored}
    variants = {
        group: networks.variants.of(ranges={name: ranges[name] for name in group})
        for group in tried_first(encodings, ranges, together)
    }
    if not variants:
        return RangeTrials()
    run = _run(networks, budget, variants.values())
    budget.spend(run.samples * run.work(networks.model.network, networks.stored, ()))
    work = {group: run.samples * _work(run, variant) for group, variant in variants.items()}
    groups = _affordable(work, budget.left)
    parts = [
        VariantPart(run.samples, ranges={name: ranges[name] for name in group}) for group in groups
    ]
    answers = networks.answers(
        [VariantPart(run.samples), *parts], sum(work[group] for group in groups)
    )
    before = next(answers).outcomes
    found: dict[str, RangeTrial] = {}
    with (
        timed("trying ranges"),
        progress_bar("Trying", "ranges", len(groups), is_watched()) as bar,
    ):
        for group in groups:
            try:
                after = next(answers).outcomes
            except KeyboardInterrupt:
                return RangeTrials(found, left_out=INTERRUPTED)
            found |= dict.fromkeys(group, RangeTrial(before, after))
            budget.spend(work[group])
            bar.update(1)
    return RangeTrials(found, left_out=OVER_BUDGET if len(groups) < len(work) else "")


def _affordable(work: Mapping[tuple[str, ...], float], left: float) -> list[tuple[str, ...]]:
    """The first of the groups, as far as what is left is enough for; the very first in any case."""
    chosen: list[tuple[str, ...]] = []
    for group, each in work.items():
        if chosen and each > left:
            break
        chosen.append(group)
        left = max(left - each, 0.0)
    return chosen


def _run(networks: Networks, budget: Budget, variants: Collection[Variant]) -> TrialRun:
    """The kept samples, or as many of them as the budget allows for all ranges."""
    run = networks.trial_on(networks.kept_count)
    if budget.work == math.inf:
        return run
    work = sum(_work(run, variant) for variant in variants)
    return networks.trial_on(
        affordable_count(budget.left, work, FEWEST_SAMPLES, networks.kept_count)
    )


def _work(run: TrialRun, variant: Variant) -> float:
    return run.work(variant.network, variant.coded_layers, variant.changed)
