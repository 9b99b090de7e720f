"""Messages made shorter for the terminal; the log file and -v have them whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from utils.har.model import Model
from utils.wording import short

MAX_NAME = 48  # columns of a layer's name; names in archives may be of any length
_PAIRS = {"(": ")", "[": "]"}
_QUOTES = '"`'


class ShortNames:
    """Turns `net/conv1 (/features/Conv)` into `conv1`, wherever a message says it."""

    def __init__(self, model: Model) -> None:
        """Know the layers of an archive."""
        layers = {**model.float_network.layers, **model.network.layers}
        bases = Counter(layer.base_name for layer in layers.values())
        self._names: Mapping[str, str] = {
            name: short(layer.base_name if bases[layer.base_name] == 1 else name, MAX_NAME)
            for name, layer in layers.items()
        }
        said = self._names | {
            layer.described(): self._names[name] for name, layer in layers.items()
        }
        self._said = {name: called for name, called in said.items() if name}

    def of(self, name: str) -> str:
        """Name of a layer without its scope, if no other layer has that name."""
        return self._names.get(name) or short(name, MAX_NAME)

    def within(self, text: str) -> str:
        """A text with every layer in it called by its short name."""
        return self._pattern.sub(lambda match: self._said[match[0]], text) if self._said else text

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._said, key=len, reverse=True)
        # Not within a longer name, such as net/conv10 or net/conv1/conv_op.
        return re.compile(rf"(?<![\w/])(?:{'|'.join(map(re.escape, longest_first))})(?![\w/])")


def clauses(message: str) -> list[str]:
    """The parts of a message that semicolons join, outside of brackets and quotations."""
    starts = [0, *(end + 2 for end in _clause_ends(message))]
    ends = [start - 2 for start in starts[1:]] + [len(message)]
    return [message[start:end] for start, end in zip(starts, ends, strict=True)]


def advice_of(message: str) -> str:
    """What a message says behind its fact: why it matters and what to do; "" if nothing."""
    return "; ".join(clauses(message)[1:])


def without_quotations(text: str) -> str:
    """A text without brackets that hold what the compiler says of it, word for word."""
    kept, place = [], 0
    for start, end in _asides(text):
        if text[start + 1] in _QUOTES or text.startswith("--", start + 1):
            kept.append(text[place:start].rstrip(" "))
            place = end + 1
    return "".join([*kept, text[place:]])


def _clause_ends(text: str) -> Iterator[int]:
    for place, depth in _depths(text):
        if depth == 0 and text.startswith("; ", place):
            yield place


def _asides(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of outermost round brackets that follow a space."""
    start = -1
    for place, depth in _depths(text):
        character = text[place]
        if character == "(" and depth == 1 and text[place - 1 : place] == " ":
            start = place
        elif character == ")" and depth == 0 and start >= 0:
            yield start, place
            start = -1


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Every place with the number of brackets and quotations that are open behind it.

    Brackets in names need not match. One that is never closed opens nothing; one that another's end
    closes keeps clauses together, so that too much is said rather than too little.
    """
    closing: list[str] = []
    for place, character in enumerate(text):
        if closing and character == closing[-1]:
            closing.pop()
        elif not closing or closing[-1] not in _QUOTES:
            end = character if character in _QUOTES else _PAIRS.get(character, "")
            if end and text.find(end, place + 1) > 0:
                closing.append(end)
        yield place, len(closing)
