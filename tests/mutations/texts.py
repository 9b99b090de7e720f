"""Changes of texts of lines: logs, model scripts, settings."""

from __future__ import annotations

import re

from tests.mutations.drawing import Random, happens, pick
from tests.mutations.raw_bytes import changed_bytes

ODD = (
    "\x00", "\x1b[2J", "\ufeff", "\u2028", "\r", "\t" * 50, "(", ")", "[", "]", "{", "}", "=", ",",
    "'", '"', '"""', "#", "\\", "%s", "{0}", "é", "𝔘", "\u202e", "-", "*", "e", ".",
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1", "2", "8", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 40, "0.5", "1.", ".5",
    "0x10", "٣", "True", "None", "''", "1_0", "100",
)  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w+")


def changed_text(random: Random, data: bytes) -> tuple[bytes, str]:
    """Change a line, a word, a number or a sign of a text."""
    if happens(random, 0.08):
        return changed_bytes(random, data)
    text = data.decode("utf-8", "surrogateescape")
    text, told = _by_lines(random, text) if happens(random, 0.4) else _within(random, text)
    return text.encode("utf-8", "surrogateescape"), told


def _by_lines(random: Random, text: str) -> tuple[str, str]:
    lines = text.split("\n")
    place, other = int(random.integers(len(lines))), int(random.integers(len(lines)))
    match int(random.integers(6)):
        case 0:
            del lines[place]
            told = f"line {place} left out"
        case 1:
            times = pick(random, (1, 2, 20, 500))
            lines[place:place] = [lines[place]] * times
            told = f"line {place} repeated {times} times"
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
            told = f"lines {place} and {other} exchanged"
        case 3:
            lines[place] += lines[other] * 30
            told = f"line {other} joined 30 times to line {place}"
        case 4:
            lines = lines[:place]
            told = f"cut off at line {place}"
        case _:
            return "\r\n".join(lines), "with line ends of Windows"
    return "\n".join(lines), told


def _within(random: Random, text: str) -> tuple[str, str]:
    place = int(random.integers(len(text) + 1))
    match int(random.integers(6)):
        case 0 | 1 if numbers := list(_NUMBER.finditer(text)):
            found, put = pick(random, numbers), pick(random, NUMBERS)
        case 2 | 3 if words := list(_WORD.finditer(text)):
            found, put = pick(random, words), pick(random, words).group()
        case 4:
            return text[:place] + text[place + 1 :], f"sign {place} left out"
        case _:
            sign = pick(random, ODD)
            return text[:place] + sign + text[place:], f"{sign!r} put in at {place}"
    start, end = found.span()
    return text[:start] + put + text[end:], f"{found.group()!r} at {start} made {put!r}"
