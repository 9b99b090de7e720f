"""Statements of a script against each other: the same said twice, or the contrary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any, TypeAlias

from utils.facts.script_commands import COMMANDS
from utils.facts.script_values import OFF_WORDS, ON_WORDS, folded
from utils.findings import Severity
from utils.har.network import Network
from utils.model_script import layer_argument
from utils.model_script.lint.commands import command_name
from utils.model_script.lint.features import ENUMERATED
from utils.model_script.lint.problems import (
    CONFLICT,
    REPEATED,
    Problem,
    replaced_part,
    shortened,
)
from utils.model_script.settings import (
    EXCLUSIVE_ALGORITHMS,
    PRESENCE,
    algorithm,
    enables,
    settings_of,
)
from utils.model_script.statements import Statement, names_in

# Of these, two different ones about the same layer cannot both hold.
_EXCLUSIVE = frozenset({"normalization", "change_output_activation"})
# Commands that do harm when they are done twice.
_NOT_TWICE = frozenset({"normalization", "input_conversion", "transpose", "resize", "resize_input"})
_ALL = ""  # stands for the network as a whole among the names of layers
_NO_LAYERS = Network("", [])

Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class _Made:
    """A setting, and the statement that makes it."""

    value: Any
    statement: Statement


def conflict_problems(
    statements: Sequence[Statement], network: Network | None
) -> Iterator[Problem]:
    """Repetitions and contradictions among the statements that matter for accuracy."""
    graph = _NO_LAYERS if network is None else network
    judged = [each for each in statements if command_name(each) in COMMANDS]
    flavors = [each for each in judged if command_name(each) == "model_optimization_flavor"]
    others = [each for each in judged if command_name(each) != "model_optimization_flavor"]
    yield from _Ledger(graph).problems(others)
    yield from _flavor_problems(flavors)
    yield from _algorithm_problems(judged)
    yield from _forced_range_problems(judged, graph)
    for statement in judged:
        yield from _inner_problems(statement)


class _Ledger:
    """Settings in the order in which a script makes them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._made: dict[tuple[Key, str], _Made] = {}
        self._exact: dict[Key, list[str]] = {}

    def problems(self, statements: Sequence[Statement]) -> Iterator[Problem]:
        """What speaks against each statement after those before it."""
        for statement in statements:
            settings = self._settings(statement)
            names = self._names(statement)
            found = [
                self._earlier(key, name, value) for key, value in settings.items() for name in names
            ]
            values = [value for value in settings.values() for _ in names]
            yield from self._judged(statement, found, values, list(settings))
            for key, value in settings.items():
                for name in names:
                    if (key, name) not in self._made and not _is_pattern(name):
                        self._exact.setdefault(key, []).append(name)
                    self._made[key, name] = _Made(value, statement)

    def _judged(
        self,
        statement: Statement,
        found: Sequence[_Made | None],
        values: Sequence[Any],
        keys: Sequence[Key],
    ) -> Iterator[Problem]:
        offset = statement.start + statement.command_start
        for made, value in zip(found, values, strict=True):
            if made is not None and made.value != value:
                if command_name(statement) in _EXCLUSIVE or keys[0][-1] != PRESENCE:
                    yield CONFLICT.at(offset, _contradiction(statement, made.statement))
                return
        if found and all(made is not None for made in found):
            first = found[0]
            harmful = command_name(statement) in _NOT_TWICE
            if first is not None:
                yield REPEATED.at(
                    offset,
                    f"Line {first.statement.line} says the same"
                    + ("; done twice it is not the same as done once" if harmful else ""),
                    severity=Severity.WARNING if harmful else Severity.INFO,
                )

    def _settings(self, statement: Statement) -> Mapping[Key, Any]:
        """What a statement sets, by command, feature and keyword."""
        settings = settings_of(statement, _NO_LAYERS)
        values = {name: _plain(value) for name, value in settings.values.items()}
        head = (*settings.key, _width(statement))
        # A forced range belongs to one of a layer's inputs.
        index = values.pop("force_range_index", 0)
        if len(values) > 1:
            values.pop(PRESENCE, None)
        return {
            (*head, index if name == "force_range_in" else 0, name): value
            for name, value in values.items()
        }

    def _names(self, statement: Statement) -> list[str]:
        argument = layer_argument(statement)
        if argument is None:
            return [_ALL]
        names = dict.fromkeys(names_in(argument.value))
        return list(dict.fromkeys(self._network.resolve(name) or name for name in names))

    def _earlier(self, key: Key, name: str, value: Any) -> _Made | None:
        """What was said before about a layer by name, or about layers that a pattern covers.

        A name behind a pattern makes an exception, and is no contradiction; a pattern behind a
        name undoes it.
        """
        made = self._made.get((key, name))
        if made is not None or not _is_pattern(name):
            return made
        covered = (
            self._made[key, each]
            for each in self._exact.get(key, ())
            if each != _ALL and self._made[key, each].value != value and _covers(name, each)
        )
        return next(covered, None)


def _covers(pattern: str, name: str) -> bool:
    parts = name.split("/")
    return any(fnmatchcase("/".join(parts[start:]), pattern) for start in range(len(parts)))


def _is_pattern(name: str) -> bool:
    return any(character in name for character in "*?[")


def _width(statement: Statement) -> int:
    """Number of channels that a normalization is for: inputs may differ in it."""
    if command_name(statement) != "normalization" or not statement.positional:
        return 0
    first = statement.positional[0]
    return len(first) if isinstance(first, tuple) else 1


def _plain(value: Any) -> Any:
    """A value with the spellings of on and off, and of other enumerated words, made one."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    word = folded(value)
    if word in (*ON_WORDS[:1], *OFF_WORDS):
        return word in ON_WORDS
    return word if word in ENUMERATED else value


def _contradiction(statement: Statement, earlier: Statement) -> str:
    argument = layer_argument(statement)
    names = names_in(argument.value) if argument is not None else ()
    own = layer_argument(earlier)
    if any(map(_is_pattern, names)) and own is not None and not set(names) & {*names_in(own.value)}:
        return (
            f"The pattern undoes what line {earlier.line} says of single layers "
            f"({shortened(earlier.text)}); put the exceptions behind the pattern"
        )
    return (
        f"Line {earlier.line} says otherwise ({shortened(earlier.text)}), and the later line is "
        "likely to win; keep one of the two"
    )


def _flavor_problems(statements: Sequence[Statement]) -> Iterator[Problem]:
    """Of several flavor lines only the last one counts."""
    for earlier, later in pairwise(statements):
        offset = later.start + later.command_start
        if earlier.keywords.items() <= later.keywords.items():
            yield REPEATED.at(offset, f"Line {earlier.line} says the same, or a part of it")
            continue
        merged = {**_texts(earlier), **_texts(later)}
        line = f"model_optimization_flavor({', '.join(f'{k}={v}' for k, v in merged.items())})"
        yield CONFLICT.at(
            offset,
            f"Line {earlier.line} is a model_optimization_flavor line too, of which only the last "
            "one counts; say it in one line",
            line,
        )


def _texts(statement: Statement) -> dict[str, str]:
    return {
        argument.name: statement.text[argument.value_start : argument.end]
        for argument in statement.args
        if argument.name
    }


def _algorithm_problems(statements: Sequence[Statement]) -> Iterator[Problem]:
    """Algorithms that exclude each other, both switched on."""
    decisions = {algorithm(each): each for each in statements if enables(each) is not None}
    enabled = [
        decisions[name]
        for name in EXCLUSIVE_ALGORITHMS
        if name in decisions and enables(decisions[name])
    ]
    if len(enabled) < len(EXCLUSIVE_ALGORITHMS):
        return
    earlier, later = sorted(enabled, key=lambda each: each.start)
    yield CONFLICT.at(
        later.start + later.command_start,
        f"{algorithm(later)} does not go together with {algorithm(earlier)} in line "
        f"{earlier.line}; switch one of the two off",
    )


def _forced_range_problems(statements: Sequence[Statement], network: Network) -> Iterator[Problem]:
    """Layers whose output range is forced and whose activation is changed."""
    changed: dict[str, Statement] = {}
    for statement in statements:
        if command_name(statement) == "change_output_activation":
            argument = layer_argument(statement)
            names = network.feeds_output if argument is None else names_in(argument.value)
            changed |= {network.resolve(name) or name: statement for name in names}
    for statement in statements:
        argument = layer_argument(statement)
        if "force_range_out" not in statement.keywords or argument is None:
            continue
        for name in names_in(argument.value):
            full = network.resolve(name) or name
            hits = [each for each in changed if each == full or _covers(name, each)]
            if hits:
                activation = changed[hits[0]]
                later = max(statement, activation, key=lambda each: each.start)
                earlier = min(statement, activation, key=lambda each: each.start)
                yield CONFLICT.at(
                    later.start + later.command_start,
                    f"force_range_out and change_output_activation are both used on {hits[0]} "
                    f"(the other in line {earlier.line}); keep one of the two",
                )
                break


def _inner_problems(statement: Statement) -> Iterator[Problem]:
    """Keywords and layers that one statement names twice."""
    seen: dict[str, Any] = {}
    for argument in statement.args:
        offset = statement.start + argument.start
        if argument.name is not None and argument.name in seen:
            if _plain(argument.value) == _plain(seen[argument.name]):
                yield REPEATED.at(offset, f"{argument.name} stands in this line already")
            else:
                yield CONFLICT.at(offset, f"{argument.name} stands in this line with another value")
        if argument.name is not None:
            seen[argument.name] = argument.value
    layers = layer_argument(statement)
    names = names_in(layers.value) if layers is not None else ()
    twice = [name for name, count in Counter(names).items() if count > 1]
    if layers is not None and twice:
        text = f"[{', '.join(dict.fromkeys(names))}]"
        plain = not any(_is_pattern(name) for name in names)
        yield REPEATED.at(
            statement.start + layers.value_start,
            f"{', '.join(twice[:3])} is named twice",
            suggestion=replaced_part(statement, layers.value_start, layers.end, text)
            if plain
            else "",
        )
