"""The next step as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.optimize_command import stand_ins
from utils.report import Report


def next_lines(report: Report) -> Iterator[str]:
    """What to do first, then a line for each command; nothing where there is nothing to do."""
    step = report.diagnosis.next
    if step is not None:
        yield f"Next: {step.text}"
        for command in step.commands:
            yield f"    {command}"
            if said := stand_ins(command):
                yield f"    ({said})"
