"""Causes, what they explain, and the next step, in the JSON report."""

from __future__ import annotations

from typing import Any

from utils.causes import Cause, Diagnosis, NextStep


def diagnosis_entries(diagnosis: Diagnosis) -> dict[str, Any]:
    """``causes``, those that matter most first, and ``next``.

    A finding that neither explains nor is explained stands among the causes, too, so that the
    order in which things are told is known.
    """
    causes = [_cause(cause) for cause in diagnosis.causes]
    return {"causes": causes, **next_entry(diagnosis.next)}


def next_entry(step: NextStep | None) -> dict[str, Any]:
    """``next`` by itself; null where there is nothing to do."""
    if step is None:
        return {"next": None}
    return {"next": {"id": step.id, "text": step.text, "commands": list(step.commands)}}


def _cause(cause: Cause) -> dict[str, Any]:
    gain = cause.gain
    return {
        "id": cause.finding.id,
        "layers": list(cause.finding.layers),
        "severity": cause.severity.label,
        "proof": cause.proof.value,
        "gain": None
        if gain is None
        else {"measure": gain.measure, "before": gain.before, "after": gain.after},
        "explains": [
            {"id": finding.id, "layers": list(finding.layers)} for finding in cause.explains
        ],
    }
