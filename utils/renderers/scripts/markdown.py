"""Checked model scripts as a comment for a pull request, in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from utils.findings import Finding, Severity
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.markdown import LEFT_OUT, MAX_CHARACTERS
from utils.renderers.markdown.findings import MAX_MESSAGE
from utils.renderers.markdown.fitted import Section, fitted
from utils.renderers.markdown.text import code, escaped, table
from utils.renderers.scripts.wording import counted
from utils.report.linted import LintedScript, LintRun
from utils.tool import NAME, VERSION

MAX_PATH = 120


def render(run: LintRun) -> str:
    """The comment: how much was found in which script, then every finding by script."""
    failures = [f"- {escaped(failure, MAX_MESSAGE)}" for failure in run.all_failures()]
    sections = [
        Section("", [_counts(run)]),
        Section("#### The run is incomplete", failures),
        *(
            Section(f"#### {code(script.path, MAX_PATH)}", list(_items(script)))
            for script in run.scripts
        ),
        Section(
            "#### Ignored", [f"- {escaped(t, MAX_MESSAGE)}" for t in ignored_lines(run.ignored)]
        ),
    ]
    opening = f"### Model scripts\n\n**{counted(run)}**"
    network = f"; layers of {code(run.network, MAX_PATH)}" if run.network else ""
    footer = f"<sub>{NAME} {VERSION}{network}</sub>"
    room = MAX_CHARACTERS - len(opening) - len(footer) - 8
    return "\n\n".join(filter(None, (opening, fitted(sections, room, LEFT_OUT), footer))) + "\n"


def _counts(run: LintRun) -> str:
    severities = sorted(Severity, reverse=True)
    rows = [
        [
            code(script.path, MAX_PATH),
            *("-" if script.failure else str(_count(script, each)) for each in severities),
        ]
        for script in run.scripts
    ]
    return table(["script", *(f"{severity.label}s" for severity in severities)], rows)


def _count(script: LintedScript, severity: Severity) -> int:
    return sum(finding.severity == severity for finding in script.findings)


def _items(script: LintedScript) -> Iterator[str]:
    yield from map(_item, sorted(script.findings, key=lambda finding: -finding.severity))


def _item(finding: Finding) -> str:
    line = f"line {finding.location.line}, " if finding.location else ""
    said = escaped(finding.message, MAX_MESSAGE)
    return f"- {line}{finding.severity.label} **{code(finding.id)}**: {said}"
