from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.baseline.checked_json import CheckedJson, JsonError, encodable, parse_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_what_the_standard_allows_is_read_as_the_library_reads_it(value: Any) -> None:
    if "Infinity" not in (text := json.dumps(value)):
        assert parse_json(text.encode()).value == json.loads(text)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        parse_json(data)
    except JsonError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"a": [1, 2', "truncated"),
        (b'{"a": "b', "truncated"),
        (b'{"a" 1}', "not JSON"),
        (b"<html>", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"[" * 200_000, "deeply"),
        (b'{"a":' * 200_000, "deeply"),
    ],
    ids=range(13),
)
def test_what_is_no_json_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(JsonError, match=reason):
        parse_json(data)


QUESTIONS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "text": (CheckedJson.text, ["", "a", "\ud800"], [None, 1, True, [], {}]),
    "number": (
        CheckedJson.number,
        [0, -1.5, 2**70],
        [None, "1", True, [], {}, 10**400, float("inf"), float("nan")],
    ),
    "integer": (CheckedJson.integer, [0, -3, 2**53], [None, 1.0, "1", True, [], {}, 2**54]),
    "texts": (CheckedJson.texts, [[], ["a"]], [None, "a", {"a": "b"}, ["a", 1], [["a"]]]),
    "entries": (lambda v: dict(v.entries()), [{}, {"a": 1}], [None, "a", ["a"], 1]),
    "key": (lambda v: v["a"], [{"a": None}], [{}, {"b": 1}, [], None, "a"]),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_value_answers_to_its_type_only(question: str) -> None:
    ask, answers, refusals = QUESTIONS[question]
    for value in answers:
        ask(CheckedJson(value))
    for value in refusals:
        with pytest.raises(JsonError):
            ask(CheckedJson(value))


def test_messages_say_where() -> None:
    report = CheckedJson({"a": [{"b": 1}]})
    (entry,) = report["a"].items()
    with pytest.raises(JsonError, match=r"^a\[0\]\.b is not a text$"):
        entry["b"].text()
    with pytest.raises(JsonError, match=r"^a\[0\] has no 'c'$"):
        entry["c"]


def test_absent_and_null_are_none() -> None:
    report = CheckedJson({"a": None, "b": 0})
    assert report.maybe("a", CheckedJson.integer) is None
    assert report.maybe("x", CheckedJson.integer) is None
    assert report.maybe("b", CheckedJson.integer) == 0


@given(st.text())
def test_texts_can_be_written(text: str) -> None:
    assert encodable(text).encode("utf-8") == text.encode("utf-8", "backslashreplace")
