"""What the patterns of log messages are made of.

All of it is bounded, so that a hostile line costs no more than its length.
"""

from __future__ import annotations

import re

# Names end where JSON goes on.
NAME = r"[^\s,\[\]()<>'\"`\\]{1,300}"
NUMBER = r"(?:[-+]?\d{1,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3})?|-?inf|nan)"
COUNT = r"\d{1,3}(?:,\d{3}){1,4}|\d{1,12}"
# The compiler prints four decimals or all of them; a number with fewer was cut off.
WHOLE_NUMBER = r"(?:[-+]?\d{1,40}\.\d{4,40}(?:[eE][-+]?\d{1,3})?|-?inf|nan)"
RANGES = r"\[[-+\w.,()\s]{0,15000}\]"
# The name of an exception, with what it says in front of the words that are looked for.
ERROR = r"(?:Error|Exception)\b[^\n]{0,200}"
_NUMBERS = re.compile(rf"(?<![\w.]){NUMBER}")


def breakable(pattern: str) -> re.Pattern[str]:
    """A pattern that also matches where a line is broken between two words."""
    return re.compile(pattern.replace(r"\ ", " ").replace(" ", r"[ \n]"))


def numbers_in(text: str) -> tuple[float, ...]:
    """All numbers of a text, in order; those in names such as conv1 are none."""
    return tuple(map(float, _NUMBERS.findall(text)))
