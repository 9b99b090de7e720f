"""Text that an archive or a foreign inspector supplied, made harmless for every format alike.

`printable` of utils/wording.py spells out control characters; what a format has to escape beyond
that, it escapes itself, on top of this.
"""

from __future__ import annotations

from utils.wording import printable

ELLIPSIS = "…"


def short(text: str, limit: int) -> str:
    """The text on one line, without control characters, with its middle left out if too long.

    Parameters
    ----------
    limit : at most this many characters, at least 3; names that share their beginning, as those
        of layers do, stay apart by their ends.
    """
    shown = printable(text)
    if len(shown) <= limit:
        return shown
    head = limit // 2
    return shown[:head] + ELLIPSIS + shown[len(shown) - (limit - head - 1) :]


def lines(text: str) -> list[str]:
    """The lines of a text, each without control characters; tabs become spaces."""
    return [printable(line) for line in text.expandtabs(4).splitlines()]
