"""What became of the findings of an earlier run, and which of them cannot be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from utils.baseline import CHANGES, Change, ChangedFinding
from utils.comparison.matching import Match, matches
from utils.comparison.run_facts import FindingFacts, RunFacts
from utils.comparison.telling_numbers import direction
from utils.findings import Severity
from utils.wording import listed, plural

BEFORE, NOW = "in the earlier run", "in this run"


@dataclass(frozen=True)
class FindingChanges:
    """Findings of both runs with what became of them, and sentences on the others."""

    findings: tuple[ChangedFinding, ...]
    not_compared: tuple[str, ...]


def finding_changes(before: RunFacts, now: RunFacts) -> FindingChanges:
    """Compare the findings of two runs on one network.

    A finding that only one run has is new or fixed only if the other one could have made it. The
    same holds for a finding that became worse or better.
    """
    changed: list[ChangedFinding] = []
    left_out: dict[str, list[FindingFacts]] = {}
    unmeasured = _measured_once(before, now)
    for match in matches(_findings(before), _findings(now)):
        change = _change(match, unmeasured)
        reason = "" if change == "unchanged" else _reason_against(match, unmeasured, before, now)
        if reason:
            left_out.setdefault(reason, []).append(match.shown)
        else:
            changed.append(_changed(match, change))
    changed.sort(key=lambda f: (CHANGES.index(f.change), -Severity[f.severity.upper()]))
    sentences = (*_left_out_sentences(left_out), *_doubts(changed, before, now))
    return FindingChanges(tuple(changed), sentences)


def _findings(run: RunFacts) -> Iterator[FindingFacts]:
    return (finding for inspector in run.inspectors.values() for finding in inspector.findings)


def _change(match: Match, unmeasured: frozenset[str]) -> Change:
    if match.now is None:
        return "fixed"
    if not match.before:
        return "new"
    was = max(finding.severity for finding in match.before)
    added, removed = len(match.added - unmeasured), len(match.removed - unmeasured)
    for better in (was - match.now.severity, removed - added, direction(match.before, match.now)):
        if better:
            return "better" if better > 0 else "worse"
    return "unchanged"


def _changed(match: Match, change: Change) -> ChangedFinding:
    shown = match.shown
    return ChangedFinding(
        id=shown.id,
        change=change,
        severity=shown.severity.label,
        severity_before=max(f.severity for f in match.before).label if match.before else None,
        inspector=shown.inspector,
        message=shown.message,
        layers=shown.layers,
    )


def _measured_once(before: RunFacts, now: RunFacts) -> frozenset[str]:
    """Layers of both networks that only one of the runs measured."""
    both_noisy = before.has_noise and now.has_noise
    return frozenset(
        name
        for name in before.layers.keys() & now.layers.keys()
        for was, is_now in [(before.layers[name], now.layers[name])]
        if was.is_measured != is_now.is_measured
        or (both_noisy and was.has_noise != is_now.has_noise)
    )


def _reason_against(
    match: Match, unmeasured: frozenset[str], before: RunFacts, now: RunFacts
) -> str:
    """Why nothing can be said of a finding that is not the same in both runs."""
    name = match.shown.inspector
    for run, when in ((before, BEFORE), (now, NOW)):
        inspector = run.inspectors.get(name)
        if inspector is None:
            return f"{name} did not run {when}"
        if inspector.crashed:
            return f"{name} crashed {when} ({inspector.crashed})"
        if inspector.skipped:
            return f"{name} was skipped {when} ({inspector.skipped})"
    for what, had, has in (
        ("were data measured", before.has_data, now.has_data),
        ("was the quantized network emulated", before.has_noise, now.has_noise),
    ):
        if had != has:
            return f"only {NOW if has else BEFORE} {what}"
    is_one_sided = match.now is None or not match.before
    if is_one_sided and match.shown.layers and match.shown.layer_set <= unmeasured:
        return f"{listed(match.shown.layers)} could be measured in one of the runs only"
    return ""


def _left_out_sentences(left_out: dict[str, list[FindingFacts]]) -> Iterator[str]:
    for reason, findings in left_out.items():
        ids = listed(list(dict.fromkeys(finding.id for finding in findings)))
        yield f"{plural(len(findings), 'finding')} ({ids}): {reason}"


def _doubts(findings: Iterable[ChangedFinding], before: RunFacts, now: RunFacts) -> Iterator[str]:
    """What an inspector could not check in one of the runs, where that may be all that changed."""
    appeared = {f.inspector for f in findings if f.change in ("new", "worse")}
    vanished = {f.inspector for f in findings if f.change in ("fixed", "better")}
    for names, run, other, when in (
        (appeared, before, now, BEFORE),
        (vanished, now, before, NOW),
    ):
        for name in sorted(names):
            known = other.inspectors[name].not_checked
            for sentence in run.inspectors[name].not_checked:
                if sentence not in known:
                    yield f"What {name} did not check {when}: {sentence}"
