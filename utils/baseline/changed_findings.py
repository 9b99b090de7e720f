"""What became of the findings of an earlier run, and which of them cannot be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from utils.baseline import CHANGES, Change, ChangedFinding
from utils.baseline.matching import Match, matches
from utils.baseline.run_facts import FindingFacts, RunFacts
from utils.baseline.telling_numbers import direction
from utils.findings import Severity
from utils.wording import listed, plural

BEFORE, NOW = "in the earlier run", "in this run"


@dataclass(frozen=True)
class FindingChanges:
    """Findings of both runs with what became of them, and sentences on the others.

    `left_out` are those of today among the others that seem new or worse.
    """

    findings: tuple[ChangedFinding, ...]
    not_compared: tuple[str, ...]
    left_out: tuple[ChangedFinding, ...] = ()


def finding_changes(
    before: RunFacts, now: RunFacts, without_data: Collection[str] = ()
) -> FindingChanges:
    """Compare the findings of two runs on one network.

    A finding that only one run has is new or fixed only if the other one could have made it. The
    same holds for a finding that became worse or better.

    Parameters
    ----------
    without_data : inspectors for which no data are measured: they judge the archive, so what
        they say is compared even if only one of the runs had data.
    """
    changed: list[ChangedFinding] = []
    left_out: dict[str, list[ChangedFinding]] = {}
    measured_once = _measured_once(before, now)
    ignored = before.ignored | now.ignored
    for match in matches(_findings(before, ignored), _findings(now, ignored)):
        takes_data = match.shown.inspector not in without_data
        unmeasured = measured_once if takes_data else frozenset()
        finding = _changed(match, _change(match, unmeasured))
        if not takes_data and (reason := _severity_measured_once(match, before, now)):
            left_out.setdefault(reason, []).append(replace(finding, change="unchanged"))
            continue
        reason = _said_nothing(match, before, now)
        if takes_data and not reason:
            reason = _measured_nothing(match, unmeasured, before, now)
        if reason and finding.change != "unchanged":
            left_out.setdefault(reason, []).append(finding)
        else:
            changed.append(finding)
    changed.sort(key=_rank)
    suspects = sorted((f for fs in left_out.values() for f in fs if _is_suspect(f)), key=_rank)
    sentences = (
        *_left_out_sentences(left_out, suspects),
        *_ignored_sentences(ignored),
        *_doubts(changed, before, now),
    )
    return FindingChanges(tuple(changed), sentences, tuple(suspects))


def _rank(finding: ChangedFinding) -> tuple[int, int]:
    return CHANGES.index(finding.change), -Severity.labelled(finding.severity)


def _is_suspect(finding: ChangedFinding) -> bool:
    return finding.change in ("new", "worse")


def _findings(run: RunFacts, ignored: Collection[str]) -> Iterator[FindingFacts]:
    """Those of a run; what one of the runs ignores is neither new nor fixed in the other."""
    found = (finding for inspector in run.inspectors.values() for finding in inspector.findings)
    return (finding for finding in found if finding.id not in ignored)


def _ignored_sentences(ignored: Collection[str]) -> Iterator[str]:
    if ignored:
        yield f"{listed(sorted(ignored))}: ignored in one of the runs"


def _change(match: Match, unmeasured: frozenset[str]) -> Change:
    if match.now is None:
        return "fixed"
    if not match.before:
        return "new"
    if match.added:
        return "worse"  # no matter what is gone elsewhere: the layer was sound before
    was = max(finding.severity for finding in match.before)
    removed = len(match.removed - unmeasured)
    for better in (was - match.now.severity, removed, direction(match.before, match.now)):
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
        added=tuple(name for name in shown.layers if name in match.added),
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


def _said_nothing(match: Match, before: RunFacts, now: RunFacts) -> str:
    """Why an inspector that was not at work in both runs is no witness; "" if it was."""
    name = match.shown.inspector
    for run, when in ((before, BEFORE), (now, NOW)):
        inspector = run.inspectors.get(name)
        if inspector is None:
            return f"{name} did not run {when}"
        if inspector.crashed:
            return f"{name} crashed {when} ({inspector.crashed})"
        if inspector.skipped:
            return f"{name} was skipped {when} ({inspector.skipped})"
    return ""


def _measured_nothing(
    match: Match, unmeasured: frozenset[str], before: RunFacts, now: RunFacts
) -> str:
    """Why nothing can be said of a finding that is not the same in both runs; "" otherwise."""
    for what, had, has in (
        ("were data measured", before.has_data, now.has_data),
        ("was the quantized network emulated", before.has_noise, now.has_noise),
    ):
        if had != has:
            return f"only {NOW if has else BEFORE} {what}"
    is_one_sided = match.now is None or not match.before
    layers = match.shown.layer_set if is_one_sided else match.added
    if layers and layers <= unmeasured:
        names = [name for name in match.shown.layers if name in layers]
        return f"{listed(names)} could be measured in one of the runs only"
    return ""


def _severity_measured_once(match: Match, before: RunFacts, now: RunFacts) -> str:
    """Why another severity says nothing: what is found costs less than it may, as data show.

    "" where the severity is the same, or the archive itself is another one.
    """
    if match.now is None or not match.before or before.has_data == now.has_data:
        return ""
    known = before.inspectors[match.now.inspector].findings
    layers = {name for each in known if each.id == match.now.id for name in each.layers}
    numbers = {name: value for each in match.before for name, value in each.measured.items()}
    is_same = match.now.layer_set <= layers and all(
        numbers.get(name, value) == value for name, value in match.now.measured.items()
    )
    if not is_same or all(each.severity == match.now.severity for each in match.before):
        return ""
    return f"only {NOW if now.has_data else BEFORE} were data measured, which decide its severity"


def _left_out_sentences(
    left_out: dict[str, list[ChangedFinding]], suspects: Iterable[ChangedFinding]
) -> Iterator[str]:
    for reason, findings in left_out.items():
        yield f"{plural(len(findings), 'finding')} ({_ids(findings)}): {reason}"
    grave = [finding for finding in suspects if finding.severity != Severity.INFO.label]
    errors = sum(finding.severity == Severity.ERROR.label for finding in grave)
    counts = {"error": errors, "warning": len(grave) - errors}
    if grave:
        said = listed([plural(count, noun) for noun, count in counts.items() if count])
        yield (
            f"Of these, {said} of this run ({_ids(grave)}) may be new, and count as new for "
            "--fail-on new-error and new-warning"
        )


def _ids(findings: Iterable[ChangedFinding]) -> str:
    return listed(list(dict.fromkeys(finding.id for finding in findings)))


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
