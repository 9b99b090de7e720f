"""What Markdown pages link to and what can be linked to in them, as views of repositories do it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def links(page: Path) -> list[str]:
    """Targets of links and pictures, as they are written."""
    parts = [part for token in _tokens(page) for part in token.children or ()]
    targets = (part.attrGet("href") or part.attrGet("src") for part in parts)
    return [str(target) for target in targets if target]


def anchors(page: Path) -> list[str]:
    """What can stand behind the ``#`` of a link: one for each heading."""
    seen: Counter[str] = Counter()
    found = []
    for heading in headings(page):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.append(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def headings(page: Path) -> Iterator[str]:
    """The text of every heading."""
    tokens = _tokens(page)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            yield "".join(part.content for part in inline.children or ())


@cache  # a page is read once for all that lead to it
def _tokens(page: Path) -> list[Token]:
    return _MARKDOWN.parse(page.read_text(encoding="utf-8"))
