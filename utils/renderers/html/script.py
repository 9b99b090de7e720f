"""The recommended model script beside the archive's own: which lines are new, which are gone."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from utils.renderers.untrusted import lines
from utils.report import Report


@dataclass(frozen=True)
class ScriptLine:
    """One line of either script.

    Parameters
    ----------
    change : ``same``, ``added`` or ``removed``.
    number : in the recommended script, from 1; 0 for a line that is not in it.
    """

    change: str
    number: int
    text: str


@dataclass(frozen=True)
class ScriptView:
    """The recommended script.

    Parameters
    ----------
    text : to be copied.
    lines : of both scripts, in the order of the recommended one.
    left_out : statements that were not taken, with the reason.
    has_own : whether the archive had a script.
    """

    text: str
    lines: tuple[ScriptLine, ...]
    left_out: tuple[tuple[str, str], ...]
    has_own: bool

    @property
    def added(self) -> int:
        """Number of new lines."""
        return sum(line.change == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        """Number of lines that are gone."""
        return sum(line.change == "removed" for line in self.lines)


def script_view(report: Report) -> ScriptView | None:
    """The script with the lines that differ; None where no script was asked for."""
    if report.script is None:
        return None
    own = report.model.script_text
    new = lines(report.script.text)
    return ScriptView(
        text="\n".join(new) + "\n",
        lines=tuple(_compared(lines(own or ""), new)),
        left_out=report.script.left_out,
        has_own=own is not None,
    )


def _compared(old: list[str], new: list[str]) -> list[ScriptLine]:
    found: list[ScriptLine] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            found += [ScriptLine("removed", 0, text) for text in old[old_start:old_end]]
        change = "same" if tag == "equal" else "added"
        found += [
            ScriptLine(change, number, text)
            for number, text in enumerate(new[new_start:new_end], start=new_start + 1)
        ]
    return found
