"""The stages from left to right, in the JSON report."""

from __future__ import annotations

from typing import Any

from utils.measurements.agreement.outcome import Outcome
from utils.renderers.json.agreement_entries import outcome_entry
from utils.report import Report
from utils.report.stage_chain import StageInChain, StageOutput, stage_chain

Entry = dict[str, Any]


def stage_entries(report: Report) -> list[Entry] | None:
    """All stages that were compared, those that were not with the reason; None without any."""
    chain = stage_chain(report)
    if chain is None:
        return None
    lost = chain.lost
    entries = [_stage(stage, is_lost=stage is lost) for stage in chain.stages]
    known = {stage.name for stage in chain.stages if stage.before}
    reasons = {name: reason for name, reason in chain.missing if name not in known}
    for entry in entries:
        if entry["name"] in reasons:
            entry["not_compared"] = reasons.pop(entry["name"])
    return [*entries, *({**_NOTHING, "name": n, "not_compared": r} for n, r in reasons.items())]


_NOTHING: Entry = {"outputs": {}, "first_difference": None}


def _stage(stage: StageInChain, *, is_lost: bool) -> Entry:
    entry: Entry = {
        "name": stage.name,
        "outputs": {name: _output(output) for name, output in stage.outputs.items()},
        "first_difference": stage.first_difference or None,
    }
    if stage.before is None:
        return entry
    entry |= {"against": stage.before, "equal": stage.is_equal, "lost_most": is_lost}
    if stage.original_name:
        entry["original_name"] = stage.original_name
    if stage.source:
        entry["source"] = stage.source
    return {**entry, "reasons": list(stage.reasons), "notes": list(stage.notes)}


def _output(output: StageOutput) -> Entry:
    measured = {} if output.agreement is None else _agreement(output)
    return {"agreement": measured, "snr_db": output.snr_db}


def _agreement(output: StageOutput) -> Entry:
    assert output.agreement is not None
    found: Entry = outcome_entry(Outcome.of(output.agreement, has_signal=False))["agreement"]
    return found
