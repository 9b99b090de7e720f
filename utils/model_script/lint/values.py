"""Whether a value is one that its argument takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise

from utils.facts.script_values import (
    SWITCH_WORDS,
    Free,
    Kind,
    Layers,
    Number,
    Numbers,
    Path,
    Switch,
    WordList,
    Words,
    folded,
)
from utils.findings import Severity
from utils.model_script.lint.spelling import nearest
from utils.model_script.tokens import GlobSet, Value, is_number

_QUOTED_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
MAX_LISTED = 8  # of the words that are known, a message lists so many


@dataclass(frozen=True)
class Objection:
    """What speaks against a value.

    Parameters
    ----------
    expected : what would be right, to follow "takes".
    replacement : the value as it should be written; "" where nobody knows.
    severity : info where a newer compiler may know the value.
    """

    expected: str
    replacement: str = ""
    severity: Severity = Severity.ERROR


def objection(kind: Kind, value: Value) -> Objection | None:
    """What speaks against a value; None if nothing does."""
    # None stands for "as if it were not said".
    return None if value is None else _objection(kind, value)


@singledispatch
def _objection(kind: Kind, value: Value) -> Objection | None:
    raise TypeError(f"no rule for {kind!r} and {value!r}")


@_objection.register(Free)
def _of_free(kind: Free, value: Value) -> Objection | None:
    del kind, value
    return None


@_objection.register(Path)
def _of_path(kind: Path, value: Value) -> Objection | None:
    del kind
    return None if isinstance(value, str) else Objection("the path of a file in quotation marks")


@_objection.register(Words)
def _of_words(kind: Words, value: Value) -> Objection | None:
    expected = _listed(kind.known)
    if not isinstance(value, str):
        meant = dict(kind.numbers).get(value, "") if isinstance(value, int) else ""
        return Objection(expected, meant)
    word = folded(value)
    if word in kind.known:
        return None
    if word in dict(kind.aliases):
        return Objection(expected, dict(kind.aliases)[word])
    if any(re.fullmatch(form, word) for form in kind.forms):
        return Objection(expected, severity=Severity.INFO)
    meant = nearest(value, kind.known)
    is_wrong = bool(meant) or kind.complete
    return Objection(expected, meant, Severity.ERROR if is_wrong else Severity.INFO)


def _listed(words: tuple[str, ...]) -> str:
    if len(words) > MAX_LISTED:
        return f"{', '.join(words[:MAX_LISTED])} or another one like these"
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@_objection.register(WordList)
def _of_word_list(kind: WordList, value: Value) -> Objection | None:
    items = value if isinstance(value, tuple) else (value,)
    found = [objection(kind.words, item) for item in items]
    worst = next((each for each in found if each), None)
    if worst is None:
        return None
    mended = [
        each.replacement if each else str(item) for each, item in zip(found, items, strict=True)
    ]
    replacement = f"[{', '.join(mended)}]" if worst.replacement and all(mended) else ""
    return Objection(f"a list of {worst.expected}", replacement, worst.severity)


@_objection.register(Switch)
def _of_switch(kind: Switch, value: Value) -> Objection | None:
    del kind
    word = folded(value)
    if isinstance(value, bool) or word in (*SWITCH_WORDS, "true", "false"):
        return None
    expected = "enabled or disabled"
    if not isinstance(value, str):
        return Objection(expected)
    if word in ("on", "off", "yes", "no"):
        return Objection(expected, "enabled" if word in ("on", "yes") else "disabled")
    return Objection(expected, nearest(value, (*SWITCH_WORDS, "True", "False")))


@_objection.register(Number)
def _of_number(kind: Number, value: Value) -> Objection | None:
    expected = _described(kind)
    if isinstance(value, str) and _QUOTED_NUMBER.fullmatch(value):
        number = float(value) if "." in value else int(value)
        return Objection(expected, "" if _objection(kind, number) else value)
    if not is_number(value):
        return Objection(expected)
    if value in kind.others:
        return None
    low = value if kind.low is None else kind.low
    high = value if kind.high is None else kind.high
    fits = low <= value <= high and not (kind.whole and value % 1)
    return None if fits else Objection(expected)


def _described(kind: Number) -> str:
    number = "a whole number" if kind.whole else "a number"
    others = "".join(f" or {other:g}" for other in kind.others)
    if kind.low is None or kind.high is None:
        return number if kind.low is None else f"{number} from {kind.low:g} on{others}"
    return f"{number} from {kind.low:g} to {kind.high:g}{others}"


@_objection.register(Numbers)
def _of_numbers(kind: Numbers, value: Value) -> Objection | None:
    expected = "a list of numbers" if kind.length is None else f"a list of {kind.length} numbers"
    if not isinstance(value, tuple):
        is_single = is_number(value) and kind.length in (None, 1)
        return Objection(expected, f"[{value}]" if is_single else "")
    numbers = [v for v in value if is_number(v)]
    if len(numbers) < len(value) or kind.length not in (None, len(value)):
        return Objection(expected)
    if kind.ascending and any(low >= high for low, high in pairwise(numbers)):
        swapped = sorted(numbers)
        distinct = len(set(numbers)) == len(numbers)
        replacement = f"[{', '.join(map(str, swapped))}]" if distinct else ""
        return Objection("the lower bound first, then a higher one", replacement)
    return None


@_objection.register(Layers)
def _of_layers(kind: Layers, value: Value) -> Objection | None:
    del kind
    items = value if isinstance(value, tuple) else (value,)
    if all(isinstance(item, (str, GlobSet)) for item in items):
        return None
    return Objection("a layer, a list of layers in [] or patterns in {}")
