"""What to do first, and where its finding stands on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.renderers.html.findings import MAX_TEXT
from utils.renderers.html.grouping import Group
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.room import Room
from utils.wording import short

MAX_HEADLINE = 160  # characters
ROOM = 20_000  # characters of all commands; one that is cut could not be copied


@dataclass(frozen=True)
class NextStepView:
    """The next step of the report, ready to be shown.

    Parameters
    ----------
    anchor, headline : of the finding that it follows from; "" for what has no card, and for what
        the page begins with.
    more_commands : for how many there is no room.
    """

    id: str
    text: str
    commands: tuple[str, ...]
    more_commands: int
    is_script: bool
    anchor: str
    headline: str


def next_step(layers: NumberedLayers, found: Sequence[Group]) -> NextStepView | None:
    """None where there is nothing to do."""
    step, within = layers.report.diagnosis.next, layers.names.within
    if step is None:
        return None
    own = [
        (group.anchor, group.findings[0].headline)
        for top in found
        for group in (top, *top.consequences)
        if group.id == step.id
    ]
    anchor, headline = own[0] if own and step.id != found[0].id else ("", "")
    room = Room(ROOM)
    commands = tuple(command for command in step.commands if room.holds(command))
    return NextStepView(
        step.id,
        short(within(step.text), MAX_TEXT),
        commands,
        len(step.commands) - len(commands),
        step.is_script,
        anchor,
        short(within(headline), MAX_HEADLINE),
    )
