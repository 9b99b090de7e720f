"""What the console gets at the end of a run: all of it, what matters, or annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from utils.findings import Severity
from utils.options.options import Options
from utils.renderers.github import report_annotations, script_annotations
from utils.renderers.scripts.wording import counted
from utils.renderers.terminal.causes import causes_shown
from utils.renderers.terminal.findings import problem_shown
from utils.renderers.terminal.summary import ignored_shown, summary_shown, verdict_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.report.linted import LintRun
from utils.terminal.shown import BLANK, Shown, Text


def report_shown(report: Report, names: ShortNames, options: Options) -> Iterator[Shown]:
    """A diagnosis, as the options ask for it."""
    if options.is_for_github:
        yield from _as_they_are(report_annotations(report, options.quiet))
    elif options.quiet:
        yield from causes_shown(report, names, least=options.quiet)
        yield BLANK
        yield from ignored_shown(report)
        yield from verdict_shown(report, names)
    else:
        yield from summary_shown(report, names, options.verbose)


def lint_shown(run: LintRun, options: Options) -> Iterator[Shown]:
    """Checked scripts, where their problems were not shown one by one."""
    if options.is_for_github:
        yield from _as_they_are(script_annotations(run, options.quiet))
    elif options.quiet:
        yield from (problem_shown(f) for f in run.findings() if f.severity >= options.quiet)
        yield Text(f"Summary: {counted(run)}", Severity.INFO)


def _as_they_are(lines: Iterable[str]) -> Iterator[Shown]:
    return (Text(line, is_breakable=False) for line in lines)
