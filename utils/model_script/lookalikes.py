"""Characters that look like those of a script, or cannot be seen, and are others.

Word processors, web pages and keyboards for Chinese, Japanese and Korean put them in place of
plain ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Lookalike(NamedTuple):
    """What a character stands for, and what it is called."""

    plain: str
    words: str


_FULL_WIDTH = range(0xFF01, 0xFF5F)  # the printable characters of ASCII once more
_TO_ASCII = 0xFEE0  # from there to here
_MARKS = {
    ",": "a full-width comma",
    "(": "a full-width bracket",
    ")": "a full-width bracket",
    "[": "a full-width bracket",
    "]": "a full-width bracket",
    "{": "a full-width bracket",
    "}": "a full-width bracket",
    "=": "a full-width equals sign",
    "#": "a full-width number sign",
}
_GROUPS = (
    ("\u00a0\u202f", " ", "a no-break space"),
    ("\u3000", " ", "an ideographic space"),
    (
        "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u205f",
        " ",
        "a wide space",
    ),
    ("\u200b", "", "a zero-width space"),
    ("\u200c\u200d\u2060\u200e\u200f", "", "an invisible character"),
    ("\u00ad", "", "a soft hyphen"),
    ("\u2028\u2029\u0085", "\n", "another end of line"),
    ("\u201c\u201d\u201e\u00ab\u00bb", '"', "a curly quotation mark"),
    ("\u2018\u2019\u201a", "'", "a curly quotation mark"),
    ("\u2010\u2011\u2012\u2013\u2014\u2212", "-", "a long dash"),
    ("\u3001", ",", "an ideographic comma"),
    ("\u3010\u300c", "[", "an ideographic bracket"),
    ("\u3011\u300d", "]", "an ideographic bracket"),
)


def _full_width(plain: str) -> str:
    kind = "digit" if plain.isdigit() else "letter" if plain.isalpha() else "character"
    return _MARKS.get(plain, f"a full-width {kind}")


LOOKALIKES: Mapping[str, Lookalike] = MappingProxyType(
    {
        **{
            chr(code): Lookalike(chr(code - _TO_ASCII), _full_width(chr(code - _TO_ASCII)))
            for code in _FULL_WIDTH
        },
        **{
            character: Lookalike(plain, words)
            for characters, plain, words in _GROUPS
            for character in characters
        },
    }
)
_TABLE = str.maketrans({character: each.plain for character, each in LOOKALIKES.items()})
# Comments and paths may hold them with right.
_KEPT = re.compile(r'"[^"\r\n]*"|\'[^\'\r\n]*\'|#[^\r\n]*')


def plain(text: str) -> str:
    """The text with plain characters, but for comments and what stands between quotation marks."""
    parts, position = [], 0
    for kept in _KEPT.finditer(text):
        parts += [text[position : kept.start()].translate(_TABLE), kept.group()]
        position = kept.end()
    return "".join([*parts, text[position:].translate(_TABLE)])


def words_for(text: str) -> tuple[str, ...]:
    """What the lookalikes outside of comments and quotation marks are called, each once."""
    bare = _KEPT.sub("", text)
    return tuple(dict.fromkeys(LOOKALIKES[c].words for c in bare if c in LOOKALIKES))


def character_in_words(character: str) -> str:
    """What a character is called where it cannot be shown, or looks like another; else ""."""
    if character in LOOKALIKES:
        return LOOKALIKES[character].words
    if character == "\\":
        return "a backslash"
    if character == "\t":
        return "a tab"
    if character.isprintable():
        return ""
    name = unicodedata.name(character, "")
    return f"the character {name.lower()}" if name else "a control character"
