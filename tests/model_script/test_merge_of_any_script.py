"""What holds of every merge, whatever the script and the lines."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.model_script.merging import LAYERS, merge
from utils.model_script import GlobSet, Statement, parse_model_script

SCOPES = ["", "conv1", "net/conv2", "[conv1, conv2]", "[conv3,fc1]", "{conv*}", "{*}", "[fc1]"]


@st.composite
def settings_lines(draw: st.DrawFn) -> str:
    keywords = "".join(
        f", {name}={draw(st.integers(0, 2))}"
        for name in draw(st.lists(st.sampled_from("ab"), unique=True))
    )
    scope = draw(st.sampled_from(SCOPES))
    kind = draw(st.sampled_from(["quantization_param", "pre", "flavor", "activation"]))
    if kind == "pre":
        layers = f", layers={scope}" if scope else ""
        return f"pre_quantization_optimization(equalization{layers}{keywords})"
    if kind == "flavor":
        return f"model_optimization_flavor({keywords.removeprefix(', ')})"
    if kind == "activation":
        mode = draw(st.sampled_from(["sigmoid", "tanh"]))
        return f"change_output_activation({scope}{', ' if scope else ''}{mode})"
    return f"quantization_param({scope or 'fc1'}{keywords})"


def scope_of(statement: Statement) -> set[str] | None:
    value: Any = statement.keywords.get("layers")
    if value is None and statement.positional and statement.positional != ("equalization",):
        value = statement.positional[0]
    if value is None or value in ("sigmoid", "tanh"):
        return None
    items = value if isinstance(value, tuple) else (value,)
    patterns = [p for i in items for p in (i.patterns if isinstance(i, GlobSet) else (i,))]
    return {
        name for name in LAYERS if any(fnmatchcase(name, p.removeprefix("net/")) for p in patterns)
    }


def said(statement: Statement) -> dict[str, Any]:
    if statement.command == "change_output_activation":
        return {"": statement.positional[-1]}
    return {name: value for name, value in statement.keywords.items() if name != "layers"}


Effect = dict[tuple[str, str | None, str], Any]


def effect(script: str) -> Effect:
    """What holds for the network and for each layer once a script has run, line by line."""
    general: Effect = {}
    special: Effect = {}
    for statement in parse_model_script(script).statements:
        scope, command = scope_of(statement), statement.command
        if command == "model_optimization_flavor":
            general = {key: value for key, value in general.items() if key[0] != command}
        for name, value in said(statement).items():
            if scope is None:
                general[command, None, name] = value
            for layer in scope or ():
                special[command, layer, name] = value
    for (command, _, name), value in list(general.items()):
        for layer in LAYERS:
            special.setdefault((command, layer, name), value)
    return special | general


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(settings_lines(), max_size=5).map("\n".join),
    st.lists(settings_lines(), min_size=1, max_size=4),
)
@example("quantization_param([conv1, conv2], a=1, b=1)\n", ["quantization_param(conv1, a=2)"])
def test_effect_of_any_merge(script: str, lines: list[str]) -> None:
    """Each accepted line holds for its layers; for all other layers nothing changes."""
    result = merge(script, *lines)
    before, after = effect(script), effect(result.text)
    refused = [refusal.line for refusal in result.refused]
    wanted: Effect = {}
    general = set()
    for line in lines:
        if line in refused:
            continue
        (statement,) = parse_model_script(line).statements
        scope = scope_of(statement)
        for name, value in said(statement).items():
            for layer in [None] if scope is None else scope:
                wanted[statement.command, layer, name] = value
            if scope is None:
                general.add((statement.command, name))
    assert {key: after.get(key) for key in wanted} == wanted
    for key in before.keys() | after.keys():
        if key not in wanted and (key[0], key[2]) not in general:
            assert after.get(key) == before.get(key)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(settings_lines(), max_size=4), st.lists(settings_lines(), max_size=3))
def test_lines_that_are_not_concerned_stay(own: list[str], lines: list[str]) -> None:
    kept = [f"buffers( a{i},b )  # {i}" for i in range(len(own) + 1)]
    pairs = [item for pair in zip(kept, [*own, ""], strict=True) for item in pair]
    result = merge("\r\n".join(pairs), *lines)
    found = [line for line in result.text.split("\r\n") if line.startswith("buffers")]
    assert found == kept
    assert "\n" not in result.text.replace("\r\n", "")
