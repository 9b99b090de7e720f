"""Statements that only one of two model scripts has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from utils.errors import ScriptError
from utils.model_script import parse_model_script


def script_difference(before: str, now: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Statements that were added and that were removed, in their order.

    Comments, blank lines and spaces between statements do not count. Where one of the scripts
    does not follow the grammar, the lines of both are compared.
    """
    try:
        texts = _statements(before), _statements(now)
    except ScriptError:
        texts = _lines(before), _lines(now)
    return tuple(_only_in(texts[1], texts[0])), tuple(_only_in(texts[0], texts[1]))


def _statements(text: str) -> list[str]:
    return [" ".join(each.text.split()) for each in parse_model_script(text).statements]


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.partition("#")[0].split()) for line in text.splitlines())
    return [line for line in lines if line]


def _only_in(these: Sequence[str], those: Sequence[str]) -> Iterator[str]:
    known = Counter(those)
    for text in these:
        if known[text]:
            known[text] -= 1
        else:
            yield text
