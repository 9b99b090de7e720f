"""Keeping a text below a limit by leaving out the last items of its sections, and saying so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A part of the text.

    Parameters
    ----------
    head, foot : around the items, e.g. a heading; a section without items has neither.
    items : the most important first.
    """

    head: str
    items: Sequence[str]
    foot: str = ""


def fitted(sections: Iterable[Section], limit: int, rest: str) -> str:
    """The sections with as many items as fit, the earlier sections first.

    Parameters
    ----------
    limit : characters that the text will not exceed, if the heads and feet of all sections fit.
    rest : what to say in a section of the items left out, with ``{}`` for their number.
    """
    parts = [section for section in sections if section.items]
    frames = (len(part.head) + len(part.foot) + len(rest) + 20 for part in parts)
    room = limit - sum(frames)
    blocks: list[str] = []
    for part in parts:
        shown = _fitting(part.items, room)
        room -= _length(shown)
        left = len(part.items) - len(shown)
        if left:
            room = 0  # what matters less must not be shown in place of what matters more
        note = rest.format(f"{left:,}") if left else ""
        blocks += filter(None, (part.head, *shown, note, part.foot))
    return "\n\n".join(blocks)


def _fitting(items: Sequence[str], room: int) -> list[str]:
    shown: list[str] = []
    for item in items:
        room -= _length([item])
        if room < 0:
            break
        shown.append(item)
    return shown


def _length(items: Iterable[str]) -> int:
    return sum(len(item) + 2 for item in items)  # a blank line stands behind each
