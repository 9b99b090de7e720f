"""The layers that a script names against those that exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from utils.facts.script_commands import COMMANDS
from utils.facts.script_values import Layers
from utils.findings import Severity
from utils.har.network import Layer, Network
from utils.model_script import layer_argument
from utils.model_script.lint.commands import free_name
from utils.model_script.lint.features import PLACES, Place, command_name
from utils.model_script.lint.problems import (
    CONFLICT,
    UNKNOWN_LAYER,
    Problem,
    instead,
    named,
    replaced_part,
    shortened,
)
from utils.model_script.lint.spelling import nearest
from utils.model_script.statements import Argument, Statement, names_in
from utils.wording import listed

MAX_CORRECTED = 50  # unknown names for which a similar one is looked for; it takes time
MAX_NAMED = 5  # unknown names of one line that a message lists
MAX_EXAMPLES = 3  # layers of the network that it names instead


def _tails(name: str) -> Iterator[str]:
    """A name with all its scopes, with all but the first, and so on."""
    parts = name.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


@dataclass(frozen=True)
class Graphs:
    """The layers that a script may name: of several stages of one network.

    Parameters
    ----------
    networks : the graphs; none if nothing is known about the network.
    parsed : the graph before the script changed it; None if it is not known.
    created : names that the script gives to layers.
    """

    networks: Sequence[Network]
    parsed: Network | None
    created: frozenset[str]

    def layers(self) -> Iterator[Layer]:
        """Layers of all stages."""
        for network in self.networks:
            yield from network

    def names(self) -> dict[str, str]:
        """Names with and without scopes, each with its full form."""
        full = [layer.name for layer in self.layers()] + sorted(self.created)
        return {tail: name for name in reversed(full) for tail in _tails(name)}


def created_names(statements: Iterable[Statement]) -> frozenset[str]:
    """Names that a script gives to layers."""
    return frozenset(name for statement in statements for name in statement.targets)


def layer_problems(statements: Sequence[Statement], graphs: Graphs) -> Iterator[Problem]:
    """Names and patterns that stand for no layer, and new layers with the name of another one."""
    yield from _collisions(statements, graphs)
    if not graphs.networks:
        return
    known = graphs.names()
    bases = frozenset(name.rpartition("/")[2] for name in known)
    originals = {name: layer.name for layer in graphs.layers() for name in layer.original_names}
    corrected = 0
    for statement in statements:
        for argument in _layer_arguments(statement):
            foreign = []
            for name in dict.fromkeys(names_in(argument.value)):
                if _is_known(name, known):
                    continue
                corrected += 1
                meant = originals.get(name, "")
                if not meant and corrected <= MAX_CORRECTED:
                    meant = _meant(name, known)
                if meant or _is_pattern(name) or any(part in bases for part in _parts(name)):
                    yield _unknown(statement, argument, name, meant)
                else:
                    foreign.append(name)
            if foreign:
                yield _foreign(statement, argument, foreign, bases)


def _layer_arguments(statement: Statement) -> Iterator[Argument]:
    """Arguments whose values are layers; none of the commands that place the network."""
    command = COMMANDS.get(command_name(statement))
    if command is None:
        return
    first = layer_argument(statement)
    word = str(statement.positional[0]) if command.features and statement.positional else ""
    feature = PLACES.get(Place(command_name(statement), word))
    for argument in statement.args:
        kind = feature.arguments.get(argument.name) if feature and argument.name else None
        if argument is first or isinstance(kind, Layers):
            yield argument


def _is_pattern(name: str) -> bool:
    return re.search(r"[*?\[]", name) is not None


def _is_known(name: str, known: dict[str, str]) -> bool:
    if not _is_pattern(name):
        return name in known
    return any(fnmatchcase(each, name) for each in known)


def _meant(name: str, known: dict[str, str]) -> str:
    """The layer that is meant by a name: in another scope, or misspelt."""
    scope, slash, base = name.rpartition("/")
    if slash and base in known:
        return known[base]
    del scope
    return nearest(name, [each for each in known if ("/" in each) is bool(slash)])


def _foreign(
    statement: Statement, argument: Argument, names: Sequence[str], bases: frozenset[str]
) -> Problem:
    """Names that nothing in the network resembles.

    Parameters
    ----------
    bases : names of the network's layers, without scopes.
    """
    return UNKNOWN_LAYER.at(
        statement.start + _start(statement, argument, names[0]),
        f"The network has no layer {named(names[0])}"
        if len(names) == 1
        else "The network does not have the layers that the line names",
        evidence=listed(list(map(shortened, names)), MAX_NAMED) if len(names) > 1 else "",
        why="The line may be meant for another model, or for another size of it.",
        advice=f"Use names of layers of this network, such as {_examples(names[0], bases)}.",
    )


def _examples(name: str, bases: frozenset[str]) -> str:
    """Some layers of the network, of the kind that a name says where there are any."""
    kind = name.rpartition("/")[2].rstrip("0123456789")
    in_order = sorted(bases, key=lambda base: (len(base), base))
    alike = [base for base in in_order if base.rstrip("0123456789") == kind]
    return listed(list(map(shortened, (alike or in_order)[:MAX_EXAMPLES])))


def _start(statement: Statement, argument: Argument, name: str) -> int:
    """Where a name stands in a statement."""
    value = statement.text[argument.value_start : argument.end]
    found = re.search(rf"(?<![\w/.\-*?]){re.escape(name)}(?![\w/.\-*?])", value)
    return argument.value_start + (found.start() if found else 0)


def _unknown(statement: Statement, argument: Argument, name: str, meant: str) -> Problem:
    start = _start(statement, argument, name)
    offset = statement.start + start
    if _is_pattern(name):
        # Hailo's own scripts hold patterns that match nothing in some versions of a network.
        return UNKNOWN_LAYER.at(
            offset,
            "The pattern matches no layer of the network",
            severity=Severity.WARNING,
            evidence=shortened(name),
            why="The line does nothing for it.",
            advice="Correct the pattern, or delete it.",
        )
    headline = f"The network has no layer {named(name)}"
    if meant:
        suggestion = replaced_part(statement, start, start + len(name), meant)
        return UNKNOWN_LAYER.at(offset, headline, suggestion, advice=instead(suggestion, meant))
    return UNKNOWN_LAYER.at(
        offset,
        headline,
        severity=Severity.INFO,
        why="The compiler may make a layer of that name.",
        advice="Check the spelling of the layer.",
    )


def _parts(name: str) -> Iterator[str]:
    """What is left of a name without words at its ends, as conv1 of conv1_d0."""
    words = name.rpartition("/")[2].split("_")[:12]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if end - start < len(words):
                yield "_".join(words[start:end])


def _collisions(statements: Sequence[Statement], graphs: Graphs) -> Iterator[Problem]:
    """New layers that bear the name of a layer that exists, or of another new one.

    Where two lines do the same to one layer, a second name would not mend it: these are repeated
    or in conflict.
    """
    made: dict[str, Statement] = {}
    for statement in statements:
        command = COMMANDS.get(command_name(statement))
        if command is None or not command.inserts:
            continue
        for target in statement.targets:
            base = target.rpartition("/")[2]
            owner = _owner(target, command.inserts, graphs)
            earlier = made.setdefault(target, statement)
            if not owner and earlier is not statement and not _is_about_same(earlier, statement):
                owner = f"the layer of line {earlier.line}"
            if owner:
                stem = base.rstrip("0123456789")
                free = target[: len(target) - len(base)] + free_name(stem, _taken(graphs))
                suggestion = _renamed(statement, target, free)
                yield CONFLICT.at(
                    statement.start + _position(statement, target),
                    "A new layer bears the name of another layer",
                    suggestion,
                    evidence=f"{shortened(target)} is the name of {shortened(owner)}",
                    advice=instead(suggestion, free),
                )


def _is_about_same(one: Statement, other: Statement) -> bool:
    """Whether two lines have one command and are about the same layers, or as many channels."""
    about = [
        (
            command_name(each),
            set(names_in(argument.value)) if (argument := layer_argument(each)) else set(),
            [len(value) for value in each.positional if isinstance(value, tuple)],
        )
        for each in (one, other)
    ]
    return about[0] == about[1]


def _owner(target: str, inserts: tuple[str, ...], graphs: Graphs) -> str:
    """The layer of the network that has this name and is not the new one itself."""
    if graphs.parsed is not None:
        return graphs.parsed.resolve(target) or ""
    for network in graphs.networks:
        layer = network.resolve(target)
        if layer is not None and network[layer].type not in inserts:
            return layer
    return ""


def _taken(graphs: Graphs) -> frozenset[str]:
    return frozenset(name.rpartition("/")[2] for name in graphs.names())


def _position(statement: Statement, target: str) -> int:
    found = re.search(rf"(?<![\w/.\-]){re.escape(target)}(?![\w/.\-])", statement.text)
    return found.start() if found else 0


def _renamed(statement: Statement, target: str, free: str) -> str:
    start = _position(statement, target)
    return replaced_part(statement, start, start + len(target), free)
