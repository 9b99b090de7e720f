"""One run against an earlier one of the same network."""

from __future__ import annotations

from collections.abc import Iterator

from utils.baseline import BaselineComparison, SnrChange
from utils.comparison.changed_findings import finding_changes
from utils.comparison.checked_json import CheckedJson
from utils.comparison.differences import differences
from utils.comparison.network_identity import other_network
from utils.comparison.run_facts import RunFacts, run_facts
from utils.comparison.script_difference import script_difference
from utils.renderers.json import report_object
from utils.report import Report
from utils.wording import printable


def compared(report: Report, earlier: RunFacts) -> BaselineComparison:
    """What became new, worse, better and fixed, and what changed in between.

    Parameters
    ----------
    report : of this run; it is read as its own JSON report, so that both runs are known by the
        same numbers.
    earlier : what `read_earlier_report` found.
    """
    now = run_facts(CheckedJson(report_object(report)), "")
    other = other_network(earlier, now)
    if other:
        return BaselineComparison(
            earlier.path, not_compared=(printable(other),), is_comparable=False
        )
    found = finding_changes(earlier, now)
    added, removed = _script_difference(earlier, now)
    order = dict.fromkeys([*report.model.network.layers, *now.layers, *earlier.layers])
    layers = (_snr_at(name, earlier, now) for name in order)
    outputs = (
        SnrChange(name, earlier.outputs.get(name), now.outputs.get(name))
        for name in dict.fromkeys([*now.outputs, *earlier.outputs])
    )
    return BaselineComparison(
        path=earlier.path,
        findings=found.findings,
        layers=tuple(each for each in layers if _is_known(each)),
        outputs=tuple(each for each in outputs if _is_known(each)),
        changes=differences(earlier, now, (added, removed)),
        not_compared=(*map(printable, found.not_compared), *_not_recorded(earlier)),
        script_added=added,
        script_removed=removed,
    )


def _script_difference(before: RunFacts, now: RunFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not before.model.has_script_entry:
        return (), ()
    return script_difference(before.model.script or "", now.model.script or "")


def _snr_at(name: str, before: RunFacts, now: RunFacts) -> SnrChange:
    was, is_now = (run.layers[name].snr_db if name in run.layers else None for run in (before, now))
    return SnrChange(name, was, is_now)


def _is_known(change: SnrChange) -> bool:
    return change.before_db is not None or change.now_db is not None


def _not_recorded(before: RunFacts) -> Iterator[str]:
    if not before.model.has_script_entry:
        yield (
            "the model scripts and the float weights: the earlier report is of a version that did "
            "not record them"
        )
