"""The figures of a run as tables in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import growth, procedures
from benchmarks.entrants import ENTRANTS
from benchmarks.growth import Growth, exponents
from benchmarks.procedures import Procedures
from benchmarks.race import Result
from benchmarks.whole_command import PLANNING, SEARCHING

GIB = 1024  # MiB
FLAT = 1.1  # what the peak of memory may grow by from the fewest images to the most


@dataclass(frozen=True)
class Goal:
    """Something asked for, and what was measured; less is better."""

    what: str
    asked: float
    measured: float

    def row(self) -> Sequence[str]:
        """Its row of the table."""
        if math.isnan(self.measured):
            return self.what, f"{self.asked:g}", "", "cannot be told: a larger size took less time"
        met = "met" if self.measured <= self.asked else "**missed**"
        return self.what, f"{self.asked:g}", f"{self.measured:.2f}", met


def race_table(results: Sequence[Result]) -> str:
    """Seconds of the bare forward pass, everything else as multiples of it."""
    head = (
        "network, side, images",
        "bare forward",
        "float pass",
        "full pass",
        "whole command",
        "compiling",
        "command",
        "single layers searched",
        "16 bit planned",
        "peak memory",
    )
    return _table(head, (_race_row(result) for result in results))


def _race_row(result: Result) -> Sequence[str]:
    passes, phases = result.passes, result.command.phases
    return (
        f"{ENTRANTS[result.network].title}, {result.side}, {result.images}",
        f"{passes.bare_forward:.2f} s",
        *(f"{ratio:.1f}" for ratio in result.ratios().values()),
        f"{passes.compiling:.1f} s",
        f"{result.command.seconds:.1f} s",
        *(f"{phases[name]:.1f} s" if name in phases else "no" for name in (SEARCHING, PLANNING)),
        f"{result.command.peak_mib / GIB:.1f} GiB",
    )


def procedures_table(found: Procedures) -> str:
    """Our full pass beside other procedures."""
    loss = found.qdq_loss
    rows = [
        ("our full pass, with tracing", found.ours.traced, found.ours.peak_mib),
        ("our full pass, without tracing", found.ours.seconds, found.ours.peak_mib),
        ("noise of every layer alone, with tracing", found.noise.traced, found.noise.peak_mib),
        ("noise of every layer alone, without tracing", found.noise.seconds, found.noise.peak_mib),
        (f"`qdq_loss_debug`, {loss.activations} activations", loss.seconds, loss.peak_mib),
        ("three sweeps at batch size 1, without tracing", found.sweeps.seconds, None),
    ]
    head = ("procedure", "seconds", "of the time of `qdq_loss_debug`", "peak memory")
    return _table(
        head,
        (
            (what, f"{s:.1f}", f"{s / loss.seconds:.2f}", f"{mib / GIB:.1f} GiB" if mib else "")
            for what, s, mib in rows
        ),
    )


def growth_table(found: Growth) -> str:
    """Seconds and peak memory at each size, and the exponents of time over size."""
    head = (found.what, *map(str, found.sizes), "exponent", "exponent without what is fixed")
    rows: list[Sequence[str]] = []
    for name, seconds in found.series().items():
        fitted = exponents(found.sizes, seconds)
        fits = (f"{fitted.measured:.2f}", f"{fitted.without_fixed:.2f}")
        rows.append((name, *(f"{s:.1f} s" for s in seconds), *fits))
    peaks = (f"{run.peak_mib / GIB:.2f} GiB" for run in found.runs)
    return _table(head, [*rows, ("peak memory", *peaks, "", "")])


def goals_table(
    results: Sequence[Result], compared: Procedures, layers: Growth, images: Growth
) -> str:
    """Each goal: asked, measured, met or missed."""
    goals = [
        *(goal for result in results for goal in _race_goals(result)),
        *_procedure_goals(compared),
        *(goal for found in (layers, images) for goal in _growth_goals(found)),
        Goal("peak memory, most images / fewest", FLAT, images.memory_growth()),
    ]
    return _table(("goal", "at most", "measured", ""), (goal.row() for goal in goals))


def _race_goals(result: Result) -> Iterator[Goal]:
    entrant, ratios = ENTRANTS[result.network], result.ratios()
    asked = {"whole command": entrant.command_goal, "full pass": entrant.full_pass_goal}
    for what, goal in asked.items():
        if goal is not None:
            yield Goal(f"{entrant.title}, {what} / bare forward", goal, ratios[what])


def _procedure_goals(compared: Procedures) -> Iterator[Goal]:
    seconds = {"with": compared.ours.traced, "without": compared.ours.seconds}
    for tracing, ours in seconds.items():
        what = f"full pass / `qdq_loss_debug`, {tracing} tracing"
        yield Goal(what, procedures.GOAL, ours / compared.qdq_loss.seconds)


def _growth_goals(found: Growth) -> Iterator[Goal]:
    for name, seconds in found.series().items():
        fitted = exponents(found.sizes, seconds)
        larger = float(np.maximum(fitted.measured, fitted.without_fixed))  # NaN if one is NaN
        yield Goal(f"{name}, larger exponent over {found.what}", growth.GOAL, larger)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
