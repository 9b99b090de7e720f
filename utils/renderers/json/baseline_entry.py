"""What the JSON report says about an earlier run, as plain objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from utils.baseline import CHANGES, BaselineComparison, ChangedFinding, DecisionChange, SnrChange
from utils.renderers.json.agreement_entries import measure_entry

Entry = dict[str, Any]


def baseline_entry(comparison: BaselineComparison | None) -> Entry | None:
    """The run against an earlier one; None if none was given."""
    if comparison is None:
        return None
    return {
        "path": comparison.path,
        "comparable": comparison.is_comparable,
        "counts": {change: len(list(comparison.of(change))) for change in CHANGES},
        "findings": [_finding(finding) for finding in comparison.findings],
        "layers": _snr(comparison.layers),
        "outputs": _snr(comparison.outputs),
        "decisions": [_decision(change) for change in comparison.decisions],
        "changes": list(comparison.changes),
        "script_added": list(comparison.script_added),
        "script_removed": list(comparison.script_removed),
        "not_compared": list(comparison.not_compared),
    }


def _finding(finding: ChangedFinding) -> Entry:
    return {
        "id": finding.id,
        "change": finding.change,
        "severity": finding.severity,
        "severity_before": finding.severity_before,
        "inspector": finding.inspector,
        "message": finding.message,
        "layers": list(finding.layers),
    }


def _decision(change: DecisionChange) -> Entry:
    return {
        "output": change.output,
        "measure": change.measure,
        "before": measure_entry(change.before),
        "now": measure_entry(change.now),
        "direction": change.direction,
    }


def _snr(changes: Iterable[SnrChange]) -> Entry:
    return {
        each.name: {"before_db": each.before_db, "now_db": each.now_db, "gain_db": each.gain_db}
        for each in changes
    }
