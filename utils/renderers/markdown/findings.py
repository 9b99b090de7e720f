"""Findings as items of a list in Markdown: causes with what they explain, and consequences."""

from __future__ import annotations

from collections.abc import Iterator

from utils.causes import Cause
from utils.facts.optimize_command import stand_ins
from utils.findings import Finding, Severity
from utils.renderers.explains import explains, how_sure
from utils.renderers.markdown.text import code, codes, escaped, fenced
from utils.renderers.standing import label
from utils.report import Report

MAX_MESSAGE = 1_200  # characters


def causes(report: Report, severity: Severity) -> Iterator[str]:
    """What nothing explains and is told at a severity."""
    for cause in report.diagnosis.told(severity):
        explained = f"{_text(_explained(cause))}." if cause.explains else ""
        yield _item(report, cause.finding, explained)


def consequences(report: Report) -> Iterator[str]:
    """What others explain, with the name of its cause."""
    for cause in report.diagnosis.causes:
        for finding in cause.explains:
            said = f"{finding.severity.label}, explained by {code(cause.finding.id)}"
            yield _item(report, finding, f"({said})")


def next_step(report: Report) -> Iterator[str]:
    """What to do first, then its commands, ready to be copied."""
    step = report.diagnosis.next
    if step is not None:
        yield f"**Next:** {_text(step.text)}"
        if step.commands:
            yield fenced(step.commands)
            yield from filter(None, (_text(stand_ins(command)) for command in step.commands))


def _explained(cause: Cause) -> str:
    return "; ".join(filter(None, (f"It {explains(cause)}", how_sure(cause))))


def _item(report: Report, finding: Finding, more: str) -> str:
    where = f" at {codes(finding.layers)}" if finding.layers else ""
    place = f" ({code(str(finding.location), 120)})" if finding.location else ""
    item = f"- **{code(finding.id)}**{where}{place}: {_text(finding.message)} {more}".rstrip()
    if finding.command:
        item += f"\n\n{fenced([finding.command], '  ')}"
    commands = report.offered_commands(finding)
    if not commands:
        return item
    return f"{item}\n\n  {label(finding)}:\n\n{fenced(commands, '  ')}"


def _text(text: str) -> str:
    return escaped(text, MAX_MESSAGE)
