"""The difference to an earlier run as a part of the comment for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from utils.baseline import CHANGES, NO_NUMBER, BaselineComparison, ChangedFinding, SnrChange
from utils.measurements.noise import snr_in_words
from utils.renderers.decision_changes import decisions_in_words
from utils.renderers.markdown.fitted import Section
from utils.renderers.markdown.text import code, codes, escaped, fenced, table
from utils.wording import without_scope

MAX_SENTENCE = 600
MAX_ROWS = 15


def baseline_sections(comparison: BaselineComparison) -> Iterator[Section]:
    """What became new and worse, what changed, and where the SNR moved."""
    heading = f"#### Against {code(comparison.path, 120)}"
    if not comparison.is_comparable:
        yield Section(heading, ["Nothing was compared:", *_sentences(comparison.not_compared)])
        return
    yield Section(heading, [_counts(comparison), *_sentences(comparison.changes)])
    regressions = [*comparison.of("new"), *comparison.of("worse")]
    yield Section("**New or worse:**", [_finding(each) for each in regressions])
    yield Section("**What the outputs decide:**", _decisions(comparison))
    yield Section("", _snr_table("output", comparison.outputs))
    yield _folded("Layers with a changed SNR", _snr_table("layer", _moved(comparison)))
    yield _folded("What changed in the model script", _script(comparison))
    gone = [*comparison.of("fixed"), *comparison.of("better")]
    yield _folded("Fixed or better", [_finding(each) for each in gone])
    yield _folded("What could not be compared", _sentences(comparison.not_compared))


def _counts(comparison: BaselineComparison) -> str:
    return table(CHANGES, [[f"{len(list(comparison.of(change))):,}" for change in CHANGES]])


def _sentences(sentences: Iterable[str]) -> list[str]:
    return [f"- {escaped(sentence, MAX_SENTENCE)}" for sentence in sentences]


def _finding(finding: ChangedFinding) -> str:
    where = f" at {codes(finding.layers)}" if finding.layers else ""
    was = finding.severity_before
    before = f", before {was}" if was not in (None, finding.severity) else ""
    added = f", new at {codes(finding.added)}" if _is_partly_new(finding) else ""
    return f"- {finding.change}: **{code(finding.id)}** ({finding.severity}{before}){where}{added}"


def _is_partly_new(finding: ChangedFinding) -> bool:
    return 0 < len(finding.added) < len(finding.layers)


def _decisions(comparison: BaselineComparison) -> list[str]:
    """What became worse first, then better, then the others."""
    moved = comparison.moved_decisions()
    others = [change for change in comparison.decisions if not change.direction]
    verdicts = {-1: "worse: ", 0: "", 1: "better: "}
    return [
        f"- {verdicts[change.direction]}{code(without_scope(change.output))}: "
        f"{escaped(decisions_in_words(change), MAX_SENTENCE)}"
        for change in (*moved, *others)
    ]


def _moved(comparison: BaselineComparison) -> list[SnrChange]:
    moved = [*comparison.lost(), *comparison.gained()]
    return sorted(moved, key=lambda each: -abs(each.gain_db or 0))


def _snr_table(kind: str, changes: Sequence[SnrChange]) -> list[str]:
    rows = [
        [
            code(_base(each)),
            snr_in_words(each.before_db, NO_NUMBER),
            snr_in_words(each.now_db, NO_NUMBER),
            "" if each.gain_db is None else f"{each.gain_db:+.1f} dB",
        ]
        for each in changes[:MAX_ROWS]
    ]
    if not rows:
        return []
    shown = [table([kind, "SNR before", "SNR now", "change"], rows)]
    more = len(changes) - len(rows)
    if more:
        shown.append(f"{more:,} more with smaller changes.")
    noted = (each for each in changes[:MAX_ROWS] if each.note)
    notes = [f"- {code(_base(each))}: {escaped(each.note, MAX_SENTENCE)}" for each in noted]
    return [*shown, *notes]


def _base(change: SnrChange) -> str:
    return without_scope(change.name)


def _script(comparison: BaselineComparison) -> list[str]:
    removed = [f"- {line}" for line in comparison.script_removed]
    added = [f"+ {line}" for line in comparison.script_added]
    return [fenced([*removed, *added], language="diff")] if removed or added else []


def _folded(summary: str, items: Sequence[str]) -> Section:
    return Section(f"<details><summary>{summary}</summary>", items, "</details>")
