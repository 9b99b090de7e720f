"""Statements of a script against each other: the same said twice, or the contrary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from utils.facts.script_commands import COMMANDS
from utils.facts.script_values import OFF_WORDS, ON_WORDS, folded
from utils.findings import Severity
from utils.har.network import Network
from utils.model_script import layer_argument
from utils.model_script.lint.exclusions import FLAVOR, covers, exclusion_problems
from utils.model_script.lint.features import ENUMERATED, command_name
from utils.model_script.lint.problems import (
    CONFLICT,
    REPEATED,
    Problem,
    named,
    replaced_part,
    shortened,
)
from utils.model_script.settings import PRESENCE, settings_of
from utils.model_script.statements import Statement, names_in
from utils.wording import listed

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
    others = [each for each in judged if command_name(each) != FLAVOR]
    yield from _Ledger(graph).problems(others)
    yield from exclusion_problems(judged, graph)
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
                    yield _contradiction(offset, statement, made.statement)
                return
        if found and all(made is not None for made in found):
            first = found[0]
            harmful = command_name(statement) in _NOT_TWICE
            if first is not None:
                yield REPEATED.at(
                    offset,
                    "The line repeats an earlier one",
                    severity=Severity.WARNING if harmful else Severity.INFO,
                    evidence=f"line {first.statement.line} says the same",
                    why="Done twice, it has another effect than done once." if harmful else "",
                    advice="Delete one of the two lines.",
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
            if each != _ALL and self._made[key, each].value != value and covers(name, each)
        )
        return next(covered, None)


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


def _contradiction(offset: int, statement: Statement, earlier: Statement) -> Problem:
    argument = layer_argument(statement)
    names = names_in(argument.value) if argument is not None else ()
    own = layer_argument(earlier)
    evidence = f"line {earlier.line} is {shortened(earlier.text)}"
    if any(map(_is_pattern, names)) and own is not None and not set(names) & {*names_in(own.value)}:
        return CONFLICT.at(
            offset,
            "The pattern undoes what an earlier line sets for single layers",
            evidence=evidence,
            advice="Put the lines for single layers behind the line with the pattern.",
        )
    earlier_names = set(names_in(own.value)) if own is not None else set()
    sets_all = earlier.keywords.keys() <= statement.keywords.keys()
    is_whole = earlier_names <= set(names) and sets_all
    taken = "delete" if is_whole else "take the same out of"
    return CONFLICT.at(
        offset,
        "The line contradicts an earlier one",
        evidence=evidence,
        why="The later line is likely to win.",
        advice=f"Keep this line and {taken} line {earlier.line} if the later one is meant, else "
        "delete this line.",
    )


def _inner_problems(statement: Statement) -> Iterator[Problem]:
    """Keywords and layers that one statement names twice."""
    seen: dict[str, Any] = {}
    for argument in statement.args:
        offset = statement.start + argument.start
        if argument.name is not None and argument.name in seen:
            if _plain(argument.value) == _plain(seen[argument.name]):
                yield REPEATED.at(
                    offset,
                    f"The line gives {named(argument.name)} twice",
                    advice="Delete one of the two.",
                )
            else:
                yield CONFLICT.at(
                    offset,
                    f"The line gives {named(argument.name)} twice, with different values",
                    advice="Keep one of the two values.",
                )
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
            "The line names a layer twice",
            suggestion=replaced_part(statement, layers.value_start, layers.end, text)
            if plain
            else "",
            evidence=listed(list(map(shortened, twice)), 3),
            advice="" if plain else "Name each layer once.",
        )
