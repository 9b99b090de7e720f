"""The run against an earlier one: findings by what became of them, and SNR before and now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from utils.baseline import (
    CHANGES,
    BaselineComparison,
    Change,
    ChangedFinding,
    DecisionChange,
    SnrChange,
)
from utils.renderers.decision_changes import decisions_in_words
from utils.renderers.html.layers import MAX_LABEL
from utils.renderers.html.numbers import code, decibels
from utils.wording import short, without_scope

# Stands beside the colour.
SIGNS: dict[Change, str] = {"new": "+", "worse": "▲", "better": "▽", "unchanged": "=", "fixed": "✓"}
SHOWN = 20  # layers with the largest difference
MAX_SENTENCE = 600  # characters
MAX_SENTENCES = 50  # of one kind; the others are counted
MAX_DRAWN = 2_000  # layers in the chart, those with the largest difference


@dataclass(frozen=True)
class Sentences:
    """Texts of one kind, shortened, and how many more there are."""

    shown: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class ChangedRow:
    """A finding of either run; `severity` says what it was before, too, if that differs."""

    id: str
    severity: str
    message: str


@dataclass(frozen=True)
class Group:
    """Findings with one kind of change; `count` is that of all of them."""

    change: Change
    sign: str
    count: int
    shown: tuple[ChangedRow, ...]


@dataclass(frozen=True)
class SnrRow:
    """One layer or output; a gain is text with its sign, "" where it is not known."""

    name: str
    before: str
    now: str
    gain: str


@dataclass(frozen=True)
class ComparisonView:
    """The comparison, ready to be shown: earlier reports may hold texts of any length."""

    path: str
    is_comparable: bool
    changes: Sentences
    not_compared: Sentences
    script_added: Sentences
    script_removed: Sentences
    groups: tuple[Group, ...]
    decisions: Sentences
    outputs: tuple[SnrRow, ...]
    more_outputs: int
    layers: tuple[SnrRow, ...]
    more_layers: int


def comparison_view(
    comparison: BaselineComparison | None, called: Callable[[str], str]
) -> ComparisonView | None:
    """None where no earlier run was given.

    Parameters
    ----------
    called : gives a text in which layers have short names; statements keep those they have.
    """
    if comparison is None:
        return None
    ranked = sorted(comparison.layers, key=lambda change: -_size(change))
    return ComparisonView(
        path=short(comparison.path, MAX_SENTENCE),
        is_comparable=comparison.is_comparable,
        changes=_sentences(comparison.changes),
        not_compared=_sentences(comparison.not_compared),
        script_added=_sentences(comparison.script_added),
        script_removed=_sentences(comparison.script_removed),
        groups=tuple(_group(change, list(comparison.of(change)), called) for change in CHANGES),
        decisions=_sentences([*map(_decided, comparison.decisions)]),
        outputs=tuple(_row(each, called) for each in comparison.outputs[:MAX_SENTENCES]),
        more_outputs=len(comparison.outputs[MAX_SENTENCES:]),
        layers=tuple(_row(each, called) for each in ranked[:SHOWN]),
        more_layers=len(ranked[SHOWN:]),
    )


def comparison_chart(comparison: BaselineComparison | None) -> dict[str, Any] | None:
    """Gain of the layers in graph order, for the page's script."""
    if comparison is None or not any(change.gain_db is not None for change in comparison.layers):
        return None
    layers = comparison.layers
    largest = sorted(range(len(layers)), key=lambda at: -_size(layers[at]))[:MAX_DRAWN]
    drawn = [layers[at] for at in sorted(largest)]
    return {
        "labels": [_label(change.name) for change in drawn],
        "before": [code(change.before_db) for change in drawn],
        "now": [code(change.now_db) for change in drawn],
    }


def _sentences(texts: Sequence[str]) -> Sentences:
    shown = tuple(short(text, MAX_SENTENCE) for text in texts[:MAX_SENTENCES])
    return Sentences(shown, len(texts) - len(shown))


def _decided(change: DecisionChange) -> str:
    return f"{short(without_scope(change.output), MAX_LABEL)}: {decisions_in_words(change)}"


def _group(change: Change, found: Sequence[ChangedFinding], called: Callable[[str], str]) -> Group:
    shown = tuple(
        ChangedRow(short(each.id, 80), _severity(each), short(called(each.message), MAX_SENTENCE))
        for each in found[:MAX_SENTENCES]
    )
    return Group(change, SIGNS[change], len(found), shown)


def _severity(found: ChangedFinding) -> str:
    before = found.severity_before
    was = f"{before} → " if before and before != found.severity else ""
    return short(f"{was}{found.severity}", 40)


def _label(name: str) -> str:
    return short(without_scope(name), MAX_LABEL)


def _size(change: SnrChange) -> float:
    gain = change.gain_db
    return -1.0 if gain is None or gain != gain else abs(gain)


def _row(change: SnrChange, called: Callable[[str], str]) -> SnrRow:
    gain = change.gain_db
    sign = "+" if gain is not None and gain > 0 else ""
    return SnrRow(
        short(called(change.name), 160),
        decibels(change.before_db),
        decibels(change.now_db),
        "" if gain is None or gain != gain else f"{sign}{decibels(gain)}",
    )
