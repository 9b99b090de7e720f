"""Whether a run is better than an earlier one, in one clause."""

from __future__ import annotations

import os
from collections.abc import Iterable

from utils.baseline import NOTICEABLE_DB, BaselineComparison, Change, ChangedFinding
from utils.baseline.became import Became
from utils.findings import Severity
from utils.renderers.decision_changes import decisions_in_words
from utils.wording import short, tenths

MAX_NAME = 60  # characters of the report's name
BEFORE = "before"  # name of a run whose report has the name of all reports
NOT_BEFORE = Became.NEW.value  # of an archive, which has no earlier run then
# In the order in which they are told; what is unchanged is no difference.
_TOLD: tuple[Change, ...] = ("fixed", "better", "new", "worse")


def against_in_words(comparison: BaselineComparison | None, name: str = "") -> str:
    """``better than before.json: 12.5 -> 38.1 dB, 5 fixed, 1 new``; "" without an earlier run.

    Decisions that became better or worse stand first, and count more than an SNR.

    Where the samples are others as well, that is said: they move an SNR by themselves.

    Parameters
    ----------
    name : of the earlier run; "" for that of its file.
    """
    if comparison is None:
        return ""
    name = name or short(os.path.basename(comparison.path) or comparison.path, MAX_NAME)
    if not comparison.is_comparable:
        return f"{Became.NOT_COMPARED.value} {name}"
    counts = {change: len(list(comparison.of(change))) for change in _TOLD}
    said = [f"{count} {change}" for change, count in counts.items() if count]
    ratios = _worst_output(comparison)
    if ratios and abs(ratios[1] - ratios[0]) >= NOTICEABLE_DB:
        said.insert(0, f"{tenths(ratios[0])} -> {tenths(ratios[1])} dB")
    moved = comparison.moved_decisions()
    if moved:
        said.insert(0, decisions_in_words(moved[0]))
    details = f": {', '.join(said)}" if said else ""
    data = ", on other data" if comparison.has_other_data and said else ""
    return f"{_judgement(comparison, ratios).value} {name}{data}{details}"


def _judgement(comparison: BaselineComparison, ratios: tuple[float, float] | None) -> Became:
    gain = ratios[1] - ratios[0] if ratios else 0.0
    gone = [*comparison.of("fixed"), *comparison.of("better")]
    come = [*comparison.of("new"), *comparison.of("worse")]
    directions = {change.direction for change in comparison.moved_decisions()}
    if not directions and abs(gain) >= NOTICEABLE_DB:
        directions = {1 if gain > 0 else -1}
    is_better = 1 in directions or _matters(gone)
    is_worse = -1 in directions or _matters(come)
    if is_better and is_worse and _worst(come) < Severity.ERROR and len(directions) == 1:
        # What an output gains or loses weighs more than what a warning says of it.
        is_better, is_worse = directions == {1}, directions == {-1}
    if is_better and is_worse:
        return Became.BOTH
    if is_better or is_worse:
        return Became.BETTER if is_better else Became.WORSE
    return Became.SAME


def _worst_output(comparison: BaselineComparison) -> tuple[float, float] | None:
    """SNR of the worst output before and now, of those that are the same tensors in both runs."""
    pairs = [
        (each.before_db, each.now_db)
        for each in comparison.outputs
        if each.before_db is not None and each.now_db is not None and not each.note
    ]
    return (min(was for was, _ in pairs), min(now for _, now in pairs)) if pairs else None


def _matters(findings: Iterable[ChangedFinding]) -> bool:
    return _worst(findings) > Severity.INFO


def _worst(findings: Iterable[ChangedFinding]) -> Severity:
    """The worst that any of them is or was."""
    labels = [label for f in findings for label in (f.severity, f.severity_before) if label]
    return max(map(Severity.labelled, labels), default=Severity.INFO)
