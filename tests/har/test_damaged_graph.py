"""Damaged JSON ends in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.har.archives import NAME, members_of, rewrite
from tests.har.damage import message_of, raw_archive

DEEP = b'{"layers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("suffix", ["hn", "native.hn", "fp.hn", "original_model_meta.json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"layers": }', b"\xff\xfe\x00", DEEP, b"1" * 10_000 + b"]"],
    ids=["empty", "open", "no value", "no text", "deep", "number"],
)
def test_invalid_json(suffix: str, content: bytes, small: str) -> None:
    message = message_of(rewrite(small, {suffix: content}))
    assert f"{NAME}.{suffix}" in message


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"{", b"\xff", DEEP])
def test_invalid_metadata(content: bytes, small: str) -> None:
    members = {**members_of(small), f"{NAME}.metadata.json": content}
    message_of(raw_archive(small, members))


@pytest.mark.parametrize("suffix", ["hn", "fp.hn"])
@pytest.mark.parametrize(
    "content",
    [b"[]", b"{}", b'{"layers": []}', b'{"layers": {}}', b'{"layers": {"a": 1}}', b"null"],
)
def test_json_that_is_no_graph(suffix: str, content: bytes, small: str) -> None:
    assert suffix in message_of(rewrite(small, {suffix: content}))


def changed_graph(small: str, change: Callable[[dict[str, Any]], None]) -> str:
    graph = json.loads(members_of(small)[f"{NAME}.hn"])
    change(graph["layers"])
    return rewrite(small, {"hn": json.dumps(graph).encode()})


def drop_layer(layers: dict[str, Any]) -> None:
    del layers[f"{NAME}/conv2"]


def name_missing_input(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/conv2"]["input"] = [f"{NAME}/conv9"]


def name_missing_output(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/conv2"]["output"] = [f"{NAME}/conv9"]


def contradict_output(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/conv2"]["output"] = []


def contradict_input(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/fc1"]["input"] = []


def make_cycle(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/fc1"]["output"].append(f"{NAME}/conv2")
    layers[f"{NAME}/conv2"]["input"].append(f"{NAME}/fc1")


def feed_itself(layers: dict[str, Any]) -> None:
    layers[f"{NAME}/fc1"]["output"].append(f"{NAME}/fc1")
    layers[f"{NAME}/fc1"]["input"].append(f"{NAME}/fc1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop_layer, "does not exist"),
        (name_missing_input, "conv9, which does not exist"),
        (name_missing_output, "conv9, which does not exist"),
        (contradict_output, "does not name it as a successor"),
        (contradict_input, "does not take it as an input"),
        (make_cycle, "cycle: "),
        (feed_itself, "cycle: "),
    ],
)
def test_contradictory_graph(
    change: Callable[[dict[str, Any]], None], words: str, small: str
) -> None:
    message = message_of(changed_graph(small, change))
    assert words in message
    assert f"{NAME}/" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("type", None),
        ("type", 3),
        ("input", "net/conv1"),
        ("input", [1]),
        ("output", {"a": 1}),
        ("input_shapes", [[-1, 3, 3, "many"]]),
        ("output_shapes", 4),
        ("output_shapes", [4]),
        ("output_shapes", [[]]),
        ("output_shapes", [[-1, 0, 3, 3]]),
        ("output_shapes", [[-1, float("inf"), 3, 3]]),
        ("output_shapes", [[-1, float("nan"), 3, 3]]),
        ("output_shapes", [{"a": 1}]),
        ("output_shapes", [[-1, 1, 2, 3, 4]]),
        ("original_names", [None]),
        ("params", []),
        ("quantization_params", "a8_w8"),
    ],
)
def test_malformed_layer(key: str, value: Any, small: str) -> None:
    def change(layers: dict[str, Any]) -> None:
        layers[f"{NAME}/conv2"][key] = value

    assert f"{NAME}/conv2" in message_of(changed_graph(small, change))
