"""JSON from files that nobody vouches for: parsed strictly, asked for by type."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
LARGEST_INTEGER = 2**53  # no larger one is exact as a float


class JsonError(ValueError):
    """The text is no JSON, or a value is not of the type that was asked for; says where."""


@dataclass(frozen=True)
class CheckedJson:
    """A value with its place in the file; every question is for one type.

    Parameters
    ----------
    value : as `json.loads` gives it.
    place : where it stands, for messages: ``inspectors[3].findings``.
    """

    value: Any
    place: str = ""

    def __getitem__(self, key: str) -> CheckedJson:
        """The value of a key that an object must have."""
        entries = self._object()
        if key not in entries:
            raise JsonError(f"{self.place or 'the report'} has no {key!r}")
        return CheckedJson(entries[key], f"{self.place}.{key}".lstrip("."))

    def maybe(self, key: str, read: Callable[[CheckedJson], T]) -> T | None:
        """What `read` makes of the value of a key; None if it is absent or null."""
        return None if self._object().get(key) is None else read(self[key])

    def __contains__(self, key: str) -> bool:
        """Whether an object has the key, null or not."""
        return key in self._object()

    def entries(self) -> Iterator[tuple[str, CheckedJson]]:
        """Keys and values of an object, in their order."""
        return ((encodable(key), self[key]) for key in self._object())

    def items(self) -> Iterator[CheckedJson]:
        """Values of an array."""
        if not isinstance(self.value, list):
            raise self._error("an array")
        return (CheckedJson(v, f"{self.place}[{i}]") for i, v in enumerate(self.value))

    def text(self) -> str:
        """A text, fit to be written anywhere."""
        if not isinstance(self.value, str):
            raise self._error("a text")
        return encodable(self.value)

    def texts(self) -> tuple[str, ...]:
        """An array of texts."""
        return tuple(item.text() for item in self.items())

    def number(self) -> float:
        """A finite number."""
        try:
            number = math.nan if isinstance(self.value, (bool, str)) else float(self.value)
        except (TypeError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._error("a finite number")
        return number

    def number_or_null(self) -> float | None:
        """A finite number, None for null."""
        return None if self.value is None else self.number()

    def integer(self) -> int:
        """A whole number that is no hoax."""
        if type(self.value) is not int or abs(self.value) > LARGEST_INTEGER:
            raise self._error("a whole number")
        return self.value

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self._error("an object")
        return self.value

    def _error(self, wanted: str) -> JsonError:
        return JsonError(f"{self.place or 'the report'} is not {wanted}")


def encodable(text: str) -> str:
    """The text with half characters (lone surrogates) spelled out, which no file could hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def parse_json(data: bytes) -> CheckedJson:
    """Parse JSON as its standard has it: no NaN, no key twice, UTF-8.

    Raises
    ------
    JsonError : with the place, as far as there is one.
    """
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise JsonError("it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise JsonError(_described(error, text)) from error
    except RecursionError as error:
        raise JsonError("it is nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # a number with thousands of digits
        raise JsonError("it holds a number that is too long") from error
    return CheckedJson(value)


def _described(error: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "it is empty"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"it ends in the middle (line {error.lineno}), so it was truncated"
    return f"it is not JSON ({error.msg} at line {error.lineno}, column {error.colno})"


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise JsonError(f"it has the key {encodable(key)[:80]!r} twice in one object")
        found[key] = value
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise JsonError(f"it holds {word}, which is not JSON")
