"""What a reader sees of a comment, as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

# GitHub's dialect: tables, HTML, and links made of bare addresses.
GITHUB = MarkdownIt("gfm-like", {"linkify": True, "html": True})
OUR_TAG = re.compile(r"</?(details|summary|sub|code)>")
WITHOUT_END = ("br", "hr", "img")
# What names must not become.
ACTIVE_TOKENS = {"link_open", "image", "em_open", "s_open", "hr", "blockquote_open"}
# What GitHub would turn into a mention, a reference or a link, in text outside of code.
ACTIVE_TEXT = re.compile(r"@\w|#\d|GH-\d|://|www\.")


class Page(HTMLParser):
    """Tags, text inside and outside of code, and the cells of all tables by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.prose, self.code = "", ""
        self.tables: list[list[list[str]]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in WITHOUT_END:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data
        if "code" in self._open:
            self.code += data
        else:
            self.prose += data


def harmless_page(markdown: str) -> Page:
    """The page, once it has been found that nothing but the tool's own words does anything."""
    for token in _every(GITHUB.parse(markdown)):
        assert token.type not in ACTIVE_TOKENS, token
        if token.type in ("html_inline", "html_block"):
            assert all(map(OUR_TAG.fullmatch, re.findall("<[^>]*>?", token.content))), token
    page = Page(GITHUB.render(markdown))
    assert not ACTIVE_TEXT.search(page.prose)
    return page


def _every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or [])
