"""Parts of pages that programs write, between marks that stay."""

from __future__ import annotations

import re


def block(text: str, name: str) -> str:
    """What stands between the marks of a block.

    Raises
    ------
    ValueError : there is no such block.
    """
    found = _pattern(name).search(text)
    if not found:
        raise ValueError(f"there is no block {name!r}")
    return found[1]


def with_block(text: str, name: str, content: str) -> str:
    """The text with another content between the marks of a block.

    Raises
    ------
    ValueError : there is no such block.
    """
    block(text, name)
    begin, _ = _marks(name)
    return _pattern(name).sub(lambda found: f"{begin}\n{content}\n{found[2]}", text)


def _pattern(name: str) -> re.Pattern[str]:
    begin, end = map(re.escape, _marks(name))
    # What stands in front of the end mark makes it a comment, where the file is no Markdown.
    return re.compile(f"{begin}\n(.*?)\n?([ #]*{end})", re.DOTALL)


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- begin {name} -->", f"<!-- end {name} -->"
