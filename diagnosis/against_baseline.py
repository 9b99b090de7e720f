"""One run against an earlier one of the same network."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from utils.baseline import BaselineComparison, SnrChange
from utils.baseline.changed_findings import finding_changes
from utils.baseline.checked_json import CheckedJson, JsonError
from utils.baseline.decisions import decision_changes
from utils.baseline.differences import differences, has_other_data
from utils.baseline.network_identity import other_network
from utils.baseline.renamed_layers import new_names, with_names
from utils.baseline.run_facts import RunFacts, run_facts
from utils.baseline.script_difference import script_difference
from utils.renderers.json import report_object
from utils.report import Report
from utils.terminal.logger import LOGGER
from utils.wording import listed, printable


def compared(
    report: Report, earlier: RunFacts, without_data: Collection[str] = ()
) -> BaselineComparison:
    """What became new, worse, better and fixed, and what changed in between.

    It raises nothing: what cannot be compared is not comparable, and the reason is told.

    Parameters
    ----------
    report : of this run; it is read as its own JSON report, so that both runs are known by the
        same numbers.
    earlier : what `read_earlier_report` found.
    without_data : names of the inspectors for which nothing is measured.
    """
    try:
        return _compared(report, earlier, without_data)
    except JsonError as error:
        return _not_comparable(earlier, f"this run's own report cannot be read back: {error}")
    except Exception as error:  # minutes of measuring shall not be lost to the comparison
        LOGGER.debug("The comparison failed", exc_info=True)
        reason = f"the comparison failed, please report it: {type(error).__name__}: {error}"
        return _not_comparable(earlier, reason)


def _not_comparable(earlier: RunFacts, reason: str) -> BaselineComparison:
    return BaselineComparison(earlier.path, not_compared=(printable(reason),), is_comparable=False)


def _compared(
    report: Report, earlier: RunFacts, without_data: Collection[str]
) -> BaselineComparison:
    now = run_facts(CheckedJson(report_object(report)), "")
    names = new_names(earlier, now)
    earlier = with_names(earlier, names)
    other = other_network(earlier, now)
    if other:
        return _not_comparable(earlier, other)
    found = finding_changes(earlier, now, without_data)
    added, removed = _script_difference(earlier, now)
    order = dict.fromkeys([*report.model.network.layers, *now.layers, *earlier.layers])
    layers = (_snr_at(name, earlier, now) for name in order)
    outputs = [
        SnrChange(
            name,
            earlier.outputs.get(name),
            now.outputs.get(name),
            _other_tensor(name, earlier, now),
        )
        for name in dict.fromkeys([*now.outputs, *earlier.outputs])
    ]
    others = [each.name for each in outputs if each.note]
    return BaselineComparison(
        path=earlier.path,
        findings=found.findings,
        layers=tuple(each for each in layers if _is_known(each)),
        outputs=tuple(each for each in outputs if _is_known(each)),
        decisions=tuple(decision_changes(earlier, now, others)),
        changes=differences(earlier, now, (added, removed), names),
        not_compared=(*map(printable, found.not_compared), *_not_recorded(earlier, now)),
        script_added=added,
        script_removed=removed,
        left_out=found.left_out,
        stages=_stages(earlier, now),
        has_other_data=has_other_data(earlier, now),
    )


def _stages(before: RunFacts, now: RunFacts) -> dict[str, tuple[SnrChange, ...]]:
    """What became of the stages that both runs compared."""
    return {
        stage: tuple(
            SnrChange(name, before.stages[stage].get(name), snr_db)
            for name, snr_db in outputs.items()
        )
        for stage, outputs in now.stages.items()
        if stage in before.stages
    }


def _script_difference(before: RunFacts, now: RunFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not before.model.has_script_entry:
        return (), ()
    return script_difference(before.model.script or "", now.model.script or "")


def _snr_at(name: str, before: RunFacts, now: RunFacts) -> SnrChange:
    was, is_now = (run.layers[name].snr_db if name in run.layers else None for run in (before, now))
    return SnrChange(name, was, is_now)


def _other_tensor(name: str, before: RunFacts, now: RunFacts) -> str:
    """What to say where an output of one name is another tensor: compilers count outputs."""
    if name not in before.layers or name not in now.layers:
        return ""
    was, is_now = before.layers[name].original_names, now.layers[name].original_names
    if not was or not is_now or set(was) & set(is_now):
        return ""
    return f"another tensor: {listed(is_now, 2)}, before {listed(was, 2)}"


def _is_known(change: SnrChange) -> bool:
    return change.before_db is not None or change.now_db is not None


def _not_recorded(before: RunFacts, now: RunFacts) -> Iterator[str]:
    if not before.model.has_script_entry:
        yield (
            "the model scripts and the float weights: the earlier report is of a version that did "
            "not record them"
        )
    if before.has_noise and now.has_agreement and not before.has_agreement:
        yield (
            "how often the outputs decide as in float: the earlier report is of a version that did "
            "not record it"
        )
