"""Merging lines into a script, for the tests of it."""

from __future__ import annotations

from typing import Any

from tests.fixtures.builders import build_layer, build_network, chain
from utils.har.network import Network
from utils.model_script import parse_model_script
from utils.model_script.merge import Addition, MergeResult, Refusal, merge_commands

LAYERS = ("conv1", "conv2", "conv3", "fc1")
REASON = "why: because"
COMMENT = f"# {REASON}"


def network(inputs: int = 1, *more: str) -> Network:
    layers = [build_layer(f"input_layer{i + 1}") for i in range(inputs)]
    middle = [build_layer(name) for name in (*LAYERS, *more)]
    middle[0] = build_layer("conv1", inputs=[layer.name for layer in layers])
    return build_network([*layers, *chain(*middle)])


def merge(
    script: str | None, *lines: str, reason: str = REASON, graph: Network | None = None
) -> MergeResult:
    """Merge, and check what must hold of every merge."""
    graph = graph or network()
    additions = [Addition(line, reason) for line in lines]
    result = merge_commands(
        None if script is None else parse_model_script(script), additions, graph
    )
    again = merge_commands(parse_model_script(result.text), additions, graph)
    assert again == result
    return result


def merged(script: str | None, *lines: str, **options: Any) -> str:
    result = merge(script, *lines, **options)
    assert result.refused == ()
    return result.text


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def refusal(script: str | None, *lines: str, **options: Any) -> Refusal:
    """The one refusal; what was not refused is not looked at."""
    (only,) = merge(script, *lines, **options).refused
    return only
