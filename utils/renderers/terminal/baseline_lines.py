"""The lines of the terminal about an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from utils.baseline import CHANGES, NO_NUMBER, BaselineComparison, ChangedFinding, SnrChange
from utils.findings import Severity
from utils.measurements.noise import snr_in_words
from utils.renderers.decision_changes import decisions_in_words
from utils.renderers.terminal.wording import ShortNames
from utils.wording import listed, plural, printable, short

Line = tuple[Severity, str]
MAX_KINDS_NAMED = 10  # of findings
MAX_LAYERS_NAMED = 5
# Characters; longer ones are meant to annoy.
LONGEST_NAME, LONGEST_NOTE, LONGEST_SENTENCE = 80, 200, 600
UNCHANGED_DB = 0.05  # less is not to be seen in a number with one decimal
IN_REPORT = "(all are in the --json report)"


def baseline_lines(
    comparison: BaselineComparison, names: ShortNames | None = None
) -> Iterator[Line]:
    """What became new and worse, what changed, and where the SNR moved most.

    Parameters
    ----------
    names : what to call the layers; None calls them by their whole names.
    """
    return _lines(_with_short_names(comparison, names) if names else comparison)


def _with_short_names(comparison: BaselineComparison, names: ShortNames) -> BaselineComparison:
    def renamed(finding: ChangedFinding) -> ChangedFinding:
        layers, added = (tuple(map(names.of, each)) for each in (finding.layers, finding.added))
        return replace(finding, layers=layers, added=added)

    return replace(
        comparison,
        findings=tuple(map(renamed, comparison.findings)),
        layers=tuple(replace(each, name=names.of(each.name)) for each in comparison.layers),
        outputs=tuple(replace(each, name=names.of(each.name)) for each in comparison.outputs),
        decisions=tuple(
            replace(each, output=names.of(each.output)) for each in comparison.decisions
        ),
        changes=tuple(map(names.within, comparison.changes)),
        not_compared=tuple(map(names.within, comparison.not_compared)),
    )


def _lines(comparison: BaselineComparison) -> Iterator[Line]:
    if not comparison.is_comparable:
        for sentence in comparison.not_compared:
            said = short(sentence, LONGEST_SENTENCE)
            yield Severity.WARNING, f"Against {printable(comparison.path)}: not compared, {said}"
        return
    yield Severity.INFO, f"Against {printable(comparison.path)}: {_counts(comparison)}"
    for sentence in comparison.changes:
        yield Severity.INFO, f"Changed: {short(sentence, LONGEST_SENTENCE)}"
    yield from _finding_lines([*comparison.of("new"), *comparison.of("worse")])
    for _, text in _finding_lines([*comparison.of("better"), *comparison.of("fixed")]):
        yield Severity.INFO, text
    yield from _decision_lines(comparison)
    yield from _output_lines(comparison.outputs)
    yield from _layer_lines("Gained most", comparison.gained())
    yield from _layer_lines("Lost most", comparison.lost())
    for sentence in comparison.not_compared:
        yield Severity.INFO, f"Not compared: {short(sentence, LONGEST_SENTENCE)}"


def _counts(comparison: BaselineComparison) -> str:
    counts = {change: len(list(comparison.of(change))) for change in CHANGES}
    return ", ".join(f"{n} {change}" for change, n in counts.items() if n) or "no findings"


def _finding_lines(findings: Sequence[ChangedFinding]) -> Iterator[Line]:
    """One line for all findings of an id to which the same happened."""
    kinds: dict[tuple[str, str, str, str | None], list[ChangedFinding]] = {}
    for f in findings:
        kinds.setdefault((f.change, f.id, f.severity, f.severity_before), []).append(f)
    for (change, finding_id, severity, was), same in list(kinds.items())[:MAX_KINDS_NAMED]:
        before = f", before {was}" if was not in (None, severity) else ""
        count = f" ({len(same)} findings)" if len(same) > 1 else ""
        text = f"{change.capitalize()}: {finding_id}{count}{_where(same)}{before}"
        yield Severity.labelled(severity), text
    rest = sum(len(same) for same in list(kinds.values())[MAX_KINDS_NAMED:])
    if rest:
        yield Severity.INFO, f"Changed as well: {plural(rest, 'more finding')} {IN_REPORT}"


def _where(findings: Sequence[ChangedFinding]) -> str:
    layers = list(dict.fromkeys(name for f in findings for name in f.layers))
    added = list(dict.fromkeys(name for f in findings for name in f.added))
    where = f" at {_names(layers)}" if layers else ""
    # Where all are new or worse, the first word of the line says it.
    return f"{where}, new at {_names(added)}" if 0 < len(added) < len(layers) else where


def _decision_lines(comparison: BaselineComparison) -> Iterator[Line]:
    """What outputs decide: all that became better or worse, else the first that is the same."""
    moved = comparison.moved_decisions()
    for change in moved[:MAX_LAYERS_NAMED] or comparison.decisions[:1]:
        yield Severity.INFO, f"Decisions at {_name(change.output)}: {decisions_in_words(change)}"
    rest = len(moved) - MAX_LAYERS_NAMED
    if rest > 0:
        yield Severity.INFO, f"Decisions: {plural(rest, 'more measure')} {IN_REPORT}"


def _output_lines(outputs: Sequence[SnrChange]) -> Iterator[Line]:
    for output in outputs[:MAX_LAYERS_NAMED]:
        note = f"; {short(output.note, LONGEST_NOTE)}" if output.note else ""
        yield Severity.INFO, f"SNR at output {_name(output.name)}: {_in_words(output)}{note}"
    rest = len(outputs) - MAX_LAYERS_NAMED
    if rest > 0:
        yield Severity.INFO, f"SNR at {plural(rest, 'more output')} {IN_REPORT}"


def _in_words(change: SnrChange) -> str:
    now, before = (snr_in_words(db, NO_NUMBER) for db in (change.now_db, change.before_db))
    if change.gain_db is None:
        return f"{now}, before {before}"
    if abs(change.gain_db) < UNCHANGED_DB:
        return f"{now} as before"
    return f"{now}, before {before} ({change.gain_db:+.1f} dB)"


def _layer_lines(heading: str, layers: Sequence[SnrChange]) -> Iterator[Line]:
    if layers:
        said = [f"{_name(each.name)} ({each.gain_db:+.1f} dB)" for each in layers]
        yield Severity.INFO, f"{heading}: {listed(said, MAX_LAYERS_NAMED)}"


def _names(names: Sequence[str]) -> str:
    return listed([_name(name) for name in names], MAX_LAYERS_NAMED)


def _name(name: str) -> str:
    return short(name, LONGEST_NAME)
