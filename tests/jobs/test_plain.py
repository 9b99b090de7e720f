"""Plain dataclasses as documents and back, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Flag, auto
from typing import Any, Literal, Optional, Union

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

from utils.jobs.plain import PlainError, packed, unpacked
from utils.jobs.plain_schema import schema_of


class Colour(Flag):
    NONE = 0
    RED = auto()
    BLUE = auto()


@dataclass(frozen=True)
class Inner:
    name: str
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Everything:
    text: str
    count: int
    ratio: float
    is_set: bool
    data: bytes
    colour: Colour
    pair: tuple[int, str]
    names: frozenset[str]
    inner: Inner
    maybe: Optional[Inner]  # noqa: UP045  (both spellings are in use)
    by_name: Mapping[str, Mapping[str, float]]
    by_index: Mapping[int, int]
    array: NDArray[np.float64]
    bits: NDArray[np.uint64] | None
    word: Literal["a", "b"] = "a"


WHOLE = Everything(
    text="größe/../\n",
    count=-3,
    ratio=math.inf,
    is_set=True,
    data=b"\0\xff any",
    colour=Colour.RED | Colour.BLUE,
    pair=(1, "x"),
    names=frozenset({"b", "a"}),
    inner=Inner("i", (1.5, -math.inf)),
    maybe=None,
    by_name={"a/b": {"c": 1.0}, "": {}},
    by_index={-1: 2, 10: 20},
    array=np.array([[1.0, np.nan], [np.inf, 4.0]]),
    bits=np.array([2**63], np.uint64),
    word="b",
)


def there_and_back(value: Everything) -> Everything:
    document, arrays = packed(value)
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), schema_of(Everything))
    return unpacked(Everything, json.loads(json.dumps(document)), arrays)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"maybe": Inner("m"), "bits": None, "colour": Colour.NONE, "ratio": -0.0},
        {"array": np.zeros((0, 3)), "by_name": {}, "names": frozenset(), "ratio": math.nan},
    ],
    ids=["full", "other", "empty"],
)
def test_what_is_written_is_read(changes: dict[str, Any]) -> None:
    value = replace(WHOLE, **changes)
    again = there_and_back(value)
    for name in ("array", "bits"):
        written, read = getattr(value, name), getattr(again, name)
        np.testing.assert_equal(read, written)
        assert written is None or read.dtype == written.dtype
    assert again.names == value.names
    # These have no text of their own, or none in a fixed order.
    without: dict[str, Any] = {"array": WHOLE.array, "bits": None, "names": frozenset()}
    assert repr(replace(again, **without)) == repr(replace(value, **without))


def changed(*path: Any, to: Any) -> Any:
    document = json.loads(json.dumps(packed(WHOLE)[0]))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return document


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "document has not the keys text, count"),
        ({}, "document has not the keys"),
        (changed("new", to=1), "document has not the keys"),
        (changed("text", to=1), "document.text is no str"),
        (changed("count", to=1.5), "document.count is no int"),
        (changed("count", to=True), "document.count is no int"),
        (changed("is_set", to=1), "document.is_set is no bool"),
        (changed("data", to=1), "document.data is no text"),
        (changed("data", to="AA=A"), "document.data is no Base64"),
        (changed("data", to="größe"), "document.data is no Base64"),
        (changed("ratio", to="many"), "document.ratio is no number"),
        (changed("ratio", to=True), "document.ratio is no number"),
        (changed("colour", to=["GREEN"]), "document.colour is no list of"),
        (changed("colour", to="RED"), "document.colour is no list of"),
        (changed("pair", to=[1]), "document.pair has not 2 elements"),
        (changed("pair", 0, to="x"), r"document.pair\[0\] is no int"),
        (changed("names", to=[1]), "document.names is no list of texts"),
        (changed("inner", "numbers", to={}), "document.inner.numbers is no list"),
        (changed("inner", to=None), "document.inner has not the keys"),
        (changed("by_name", "", to=1.0), "document.by_name. is no object"),
        (changed("by_index", "x", to=1), "document.by_index has the key 'x'"),
        (changed("array", to={"array": "array_9"}), "document.array names no array"),
        (changed("array", to={"array": ["x"]}), "document.array names no array"),
        (changed("array", to={"array": "array_1"}), "document.array holds uint64, not float64"),
        (changed("word", to="c"), "document.word is none of"),
    ],
)
def test_what_is_of_another_kind_is_refused(document: Any, complaint: str) -> None:
    with pytest.raises(PlainError, match=complaint):
        unpacked(Everything, document, packed(WHOLE)[1])


@dataclass(frozen=True)
class Ambiguous:
    value: Union[int, str]  # noqa: UP007


def test_a_type_that_a_value_does_not_tell_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="is no plain type"):
        packed(Ambiguous(1))
