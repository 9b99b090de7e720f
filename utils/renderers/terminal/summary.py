"""The end of a run: what to look at next, what was not checked, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from utils.findings import Severity
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.terminal.baseline_lines import baseline_lines
from utils.renderers.terminal.causes import causes_shown, counts_in_words
from utils.renderers.terminal.noise import noise_shown
from utils.renderers.terminal.notes import notes_shown
from utils.renderers.terminal.script import script_shown
from utils.renderers.terminal.stages import stages_shown
from utils.renderers.terminal.steps import step_shown
from utils.renderers.terminal.wording import ShortNames
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text


def summary_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """Stages, noise, script, what was not checked, the causes, and last verdict and next step."""
    yield from stages_shown(report, names)
    yield from noise_shown(report, names)
    yield from script_shown(report)
    yield from _with_blank(notes_shown(report, names, is_verbose))
    yield from causes_shown(report, names, is_verbose)
    yield from _with_blank(ignored_shown(report))
    yield from _with_blank(_counts(report, is_verbose))
    yield from _with_blank(_baseline(report, names))
    yield BLANK
    yield from verdict_shown(report, names, is_verbose)


def ignored_shown(report: Report) -> Iterator[Shown]:
    """What the configuration ignores."""
    for line in ignored_lines(report.ignored):
        yield Text(f"Ignored: {line}", hanging=2)


def verdict_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """What the run could not do, the verdict, and the next step."""
    for failure in report.shortfalls:
        yield Text(f"Incomplete: {failure}", Severity.ERROR)
    called: Callable[[str], str] = str if is_verbose else names.within
    yield Text(f"Verdict: {called(verdict(report))}", hanging=2, is_heading=True)
    yield from _next_step(report, called)


def _with_blank(blocks: Iterator[Shown]) -> Iterator[Shown]:
    for count, block in enumerate(blocks):
        if count == 0:
            yield BLANK
        yield block


def _counts(report: Report, is_verbose: bool) -> Iterator[Shown]:
    said = counts_in_words(report)
    hidden = not is_verbose and any(cause.asks_for_nothing for cause in report.diagnosis.causes)
    if said:
        yield Text(f"{said}{' (-v shows which)' if hidden else ''}", hanging=2)


def _baseline(report: Report, names: ShortNames) -> Iterator[Shown]:
    if report.baseline is not None:
        for severity, sentence in baseline_lines(report.baseline, names):
            yield Text(sentence, severity)


def _next_step(report: Report, called: Callable[[str], str]) -> Iterator[Shown]:
    step = report.diagnosis.next
    if step is not None:
        yield from step_shown(called(step.text), step.commands)
