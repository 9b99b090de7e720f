"""Text and names in Markdown, so that GitHub and others show them and do nothing else with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from utils.wording import short, without_scope

# Behind these, text would be a mention, a reference to an issue, or a link.
_ACTIVE = re.compile(r"@|#|GH-(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
_NOTHING = "&#8203;"  # an entity for a character without width, which ends all of these
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_BLOCK_START = re.compile(r"^(?:([-+=:])(?=[-=:\s]|$)|(\d+)([.)])(?=\s|$))")
_UNSAFE_IN_CODE = re.compile(r"[`|\\]")
MAX_NAME = 60  # characters


def escaped(text: str, limit: int) -> str:
    """The text as one line of prose, with nothing in it taken for Markdown, HTML or a mention."""
    plain = short(text, limit).strip()
    return _BLOCK_START.sub(_escaped_start, _without_actions(_SPECIAL.sub(r"\\\1", plain)))


def inert(markdown: str) -> str:
    """Markdown of the documentation, without HTML, mentions and links outside of its code."""
    parts = re.split("(`[^`]*`)", markdown)
    return "".join(p if p.startswith("`") else _without_actions(p) for p in parts)


def _without_actions(text: str) -> str:
    plain = re.sub("[&<>]", lambda found: _HTML[found[0]], text)
    return _ACTIVE.sub(lambda found: f"{found[0]}{_NOTHING}", plain)


def _escaped_start(found: re.Match[str]) -> str:
    # At the start of a line these would make a list, a heading or a table.
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def code(text: str, limit: int = MAX_NAME) -> str:
    """A name as code, inside or outside of tables; mentions and links do nothing in there."""
    shown = short(text, limit).strip()
    if not shown:
        return "(no name)"
    if _UNSAFE_IN_CODE.search(shown):
        # Backticks and bars cannot be escaped alike inside and outside of tables.
        return f"<code>{''.join(map(_entity, shown))}</code>"
    return f"`{shown}`"


def _entity(character: str) -> str:
    return character if character.isalnum() or character == " " else f"&#{ord(character)};"


def codes(names: Sequence[str], limit: int = 5) -> str:
    """Layers by the end of their names, the first few; the others are counted."""
    shown = [code(without_scope(name)) for name in names[:limit]]
    rest = len(names) - limit
    return ", ".join(shown) + (f" and {rest:,} more" if rest > 0 else "")


def fenced(lines: Iterable[str], indent: str = "", language: str = "") -> str:
    """Lines as a block of code, under a list item if indented."""
    shown = [short(line, 2_000) for line in lines]
    runs = [len(run) for line in shown for run in re.findall("```+", line)]
    fence = "`" * (max(runs, default=2) + 1)
    return "\n".join(f"{indent}{line}" for line in (f"{fence}{language}", *shown, fence))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already; all but the first column are set to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
