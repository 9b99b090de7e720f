"""What to do first, and where its finding stands on the page."""

from __future__ import annotations

from dataclasses import dataclass

from utils.renderers.html.findings import MAX_MESSAGE, anchors
from utils.report import Report
from utils.wording import short


@dataclass(frozen=True)
class NextStep:
    """The next step of the report, ready to be shown; `anchor` is "" for what has no card."""

    id: str
    anchor: str
    text: str
    commands: tuple[str, ...]


def next_step(report: Report) -> NextStep | None:
    """None where there is nothing to do."""
    step = report.diagnosis.next
    if step is None:
        return None
    places = [anchor for (_, id, _), anchor in anchors(report).items() if id == step.id]
    return NextStep(
        step.id, places[0] if places else "", short(step.text, MAX_MESSAGE), step.commands
    )
