"""What to do next, with what to type for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.facts.optimize_command import stand_ins
from utils.terminal.shown import Shown, Text


def step_shown(text: str, commands: Sequence[str] = ()) -> Iterator[Shown]:
    """One step, and lines that are to be copied; nothing for ""."""
    if not text:
        return
    yield Text(f"Next: {text}", hanging=2, is_heading=True)
    for command in commands:
        yield Text(command, indent=4, is_breakable=False)
        if said := stand_ins(command):
            yield Text(f"({said})", indent=4, hanging=1)
