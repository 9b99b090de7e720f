"""Samples like those that decide, among those that were not measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.few_samples.outputs import named_samples
from inspectors.named_data import data_of

MOST = 0.1  # of the samples; what more of them exceed tells no few apart
GAP = 1.5  # times as large as the next smaller one are the smallest of the few


def not_all_in_words(context: Context) -> str:
    """``; 64 of 512 samples were measured``, to follow numbers; "" where all were."""
    measured, samples = _counts(context)
    return f"; {measured:,} of {samples:,} samples were measured" if measured < samples else ""


def without_samples(
    context: Context, places: tuple[int, ...], instead: str, *, is_last: bool = False
) -> str:
    """What to do, or to calibrate without these samples, and without others like them.

    Parameters
    ----------
    places : of the samples in the file.
    instead : what else helps, an imperative without its end.
    is_last : whether that comes last, as nobody can do it by this sentence alone.
    """
    without = f"calibrate without {_all_like(context, places)}"
    if is_last:
        return f"{without[0].upper()}{without[1:]}, or {instead[0].lower()}{instead[1:]}."
    return f"{instead}, or {without}."


def _all_like(context: Context, places: tuple[int, ...]) -> str:
    """The samples, and how to find others like them among those that were not measured."""
    measured, samples = _counts(context)
    if measured >= samples:
        return named_samples(places)
    found = _condition(context, places)
    how = found or f"of which only the {measured:,} measured ones were searched"
    return f"all samples like {named_samples(places)}, {how}"


def _counts(context: Context) -> tuple[int, int]:
    measured = context.measurements.samples if context.measurements else 0
    return measured, context.calibration.samples if context.calibration else measured


def _widest_gap(largest: NDArray[np.float64], high: float) -> float:
    """A value, below `high`, above which few of the largest values lie; infinity if there is none.

    It lies where the next smaller one is smaller by most, so that all of a kind lie above it.
    """
    order = np.sort(largest[largest <= high])
    order = order[order > 0]
    if len(order) < 2:
        return float("inf")
    ratios = order[1:] / order[:-1]
    place = int(np.argmax(ratios))
    middle = float(f"{(order[place] + order[place + 1]) / 2:.3g}")
    return middle if ratios[place] >= GAP else float("inf")


def _condition(context: Context, places: tuple[int, ...]) -> str:
    """A clause with what is true of these samples and of few others; "" where none is known."""
    digests = context.samples
    is_named = np.isin(digests.indices, places) if digests else np.zeros(0, bool)
    if digests is None or is_named.sum() < len(places):
        return ""
    for name, seen in digests.inputs.items():
        largest = seen.largest
        limit = _widest_gap(largest, float(largest[is_named].min()))
        more = int((largest > limit).sum())
        if 0 < more <= MOST * digests.samples:
            return (
                f"found by `np.abs(x).max(axis=(1, 2, 3)) > {limit:g}` in "
                f"{data_of(context, [name])} ({more:,} of {digests.samples:,})"
            )
    return ""
