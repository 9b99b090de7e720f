"""The lines of the terminal about an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.baseline import CHANGES, BaselineComparison, ChangedFinding, SnrChange
from utils.findings import Severity
from utils.renderers.untrusted import short
from utils.wording import listed, plural, printable

Line = tuple[Severity, str]
MAX_KINDS_NAMED = 10  # of findings
MAX_LAYERS_NAMED = 5
LONGEST_NAME, LONGEST_SENTENCE = 80, 600  # characters; longer ones are meant to annoy
UNCHANGED_DB = 0.05  # less is not to be seen in a number with one decimal
IN_REPORT = "(all are in the --json report)"


def baseline_lines(comparison: BaselineComparison) -> Iterator[Line]:
    """What became new and worse, what changed, and where the SNR moved most."""
    if not comparison.is_comparable:
        for sentence in comparison.not_compared:
            said = short(sentence, LONGEST_SENTENCE)
            yield Severity.WARNING, f"Against {printable(comparison.path)}: not compared, {said}"
        return
    yield Severity.INFO, f"Against {printable(comparison.path)}: {_counts(comparison)}"
    for sentence in comparison.changes:
        yield Severity.INFO, f"Changed: {short(sentence, LONGEST_SENTENCE)}"
    yield from _finding_lines([*comparison.of("new"), *comparison.of("worse")])
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
    layers: dict[tuple[str, str, str, str | None], dict[str, None]] = {}
    for f in findings:
        kind = f.change, f.id, f.severity, f.severity_before
        layers.setdefault(kind, {}).update(dict.fromkeys(f.layers))
    for (change, finding_id, severity, was), names in list(layers.items())[:MAX_KINDS_NAMED]:
        where = f" at {listed([_name(n) for n in names], MAX_LAYERS_NAMED)}" if names else ""
        before = f", before {was}" if was not in (None, severity) else ""
        text = f"{change.capitalize()}: {finding_id}{where}{before}"
        yield Severity[severity.upper()], text
    rest = len(layers) - MAX_KINDS_NAMED
    if rest > 0:
        yield Severity.INFO, f"New or worse: {plural(rest, 'more kind')} {IN_REPORT}"


def _output_lines(outputs: Sequence[SnrChange]) -> Iterator[Line]:
    for output in outputs[:MAX_LAYERS_NAMED]:
        yield Severity.INFO, f"SNR at output {_name(output.name)}: {_in_words(output)}"
    rest = len(outputs) - MAX_LAYERS_NAMED
    if rest > 0:
        yield Severity.INFO, f"SNR at {plural(rest, 'more output')} {IN_REPORT}"


def _in_words(change: SnrChange) -> str:
    now = _decibels(change.now_db)
    if change.gain_db is None:
        return f"{now}, before {_decibels(change.before_db)}"
    if abs(change.gain_db) < UNCHANGED_DB:
        return f"{now} as before"
    return f"{now}, before {_decibels(change.before_db)} ({change.gain_db:+.1f} dB)"


def _decibels(value: float | None) -> str:
    return "not measured or not finite" if value is None else f"{value:.1f} dB"


def _layer_lines(heading: str, layers: Sequence[SnrChange]) -> Iterator[Line]:
    if layers:
        said = [f"{_name(each.name)} ({each.gain_db:+.1f} dB)" for each in layers]
        yield Severity.INFO, f"{heading}: {listed(said, MAX_LAYERS_NAMED)}"


def _name(name: str) -> str:
    return short(name, LONGEST_NAME)
