"""The run against an earlier one: findings by what became of them, and SNR before and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from utils.baseline import CHANGES, BaselineComparison, Change, ChangedFinding, SnrChange
from utils.renderers.html.layers import MAX_LABEL
from utils.renderers.html.numbers import code, decibels
from utils.renderers.untrusted import short

# Stands beside the colour.
SIGNS: dict[Change, str] = {"new": "+", "worse": "▲", "better": "▽", "unchanged": "=", "fixed": "✓"}
SHOWN = 20  # layers with the largest difference


@dataclass(frozen=True)
class SnrRow:
    """One layer or output; a gain is text with its sign, "" where it is not known."""

    name: str
    before: str
    now: str
    gain: str


@dataclass(frozen=True)
class ComparisonView:
    """The comparison, ready to be shown."""

    comparison: BaselineComparison
    groups: tuple[tuple[Change, str, tuple[ChangedFinding, ...]], ...]
    outputs: tuple[SnrRow, ...]
    layers: tuple[SnrRow, ...]
    more_layers: int


def comparison_view(comparison: BaselineComparison | None) -> ComparisonView | None:
    """None where no earlier run was given."""
    if comparison is None:
        return None
    ranked = sorted(comparison.layers, key=lambda change: -_size(change))
    return ComparisonView(
        comparison=comparison,
        groups=tuple((change, SIGNS[change], tuple(comparison.of(change))) for change in CHANGES),
        outputs=tuple(map(_row, comparison.outputs)),
        layers=tuple(map(_row, ranked[:SHOWN])),
        more_layers=len(ranked[SHOWN:]),
    )


def comparison_chart(comparison: BaselineComparison | None) -> dict[str, Any] | None:
    """Gain of every layer in graph order, for the page's script."""
    if comparison is None or not any(change.gain_db is not None for change in comparison.layers):
        return None
    return {
        "labels": [_label(change.name) for change in comparison.layers],
        "before": [code(change.before_db) for change in comparison.layers],
        "now": [code(change.now_db) for change in comparison.layers],
    }


def _label(name: str) -> str:
    return short(name.rpartition("/")[2] or name, MAX_LABEL)


def _size(change: SnrChange) -> float:
    gain = change.gain_db
    return -1.0 if gain is None or gain != gain else abs(gain)


def _row(change: SnrChange) -> SnrRow:
    gain = change.gain_db
    sign = "+" if gain is not None and gain > 0 else ""
    return SnrRow(
        short(change.name, 160),
        decibels(change.before_db),
        decibels(change.now_db),
        "" if gain is None or gain != gain else f"{sign}{decibels(gain)}",
    )
