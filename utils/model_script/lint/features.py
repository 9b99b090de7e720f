"""Which command or feature somebody meant with a word that stands in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from utils.facts.nms_configs import CONFIG_KEYS
from utils.facts.script_commands import COMMANDS, MISTAKEN_FEATURES
from utils.facts.script_features import Feature, Features
from utils.facts.script_mistakes import MISTAKEN_KEYWORDS
from utils.facts.script_values import Kind, WordList, Words, folded
from utils.findings import Severity
from utils.model_script.lint.problems import (
    BAD_VALUE,
    NEWER,
    UNKNOWN_ARGUMENT,
    Problem,
    instead,
    named,
    one_line,
    quoted,
    replaced_part,
    without_argument,
)
from utils.model_script.lint.spelling import nearest
from utils.model_script.lint.values import objection
from utils.model_script.statements import Argument, Statement
from utils.wording import listed

_NMS = "nms_postprocess"
_OFF = ("disabled", "off", "false")


@dataclass(frozen=True)
class Place:
    """A command, with the feature of it that is meant; "" for a command without features."""

    command: str
    feature: str = ""

    def __str__(self) -> str:
        return f"{self.command}({self.feature})" if self.feature else self.command

    def line(self, arguments: Iterable[str]) -> str:
        """A statement of this command with these arguments."""
        return f"{self.command}({', '.join(filter(None, (self.feature, *arguments)))})"


def _places() -> Iterator[tuple[Place, Feature]]:
    for name, command in COMMANDS.items():
        if command.features is None:
            yield Place(name), command.keywords
        else:
            yield from ((Place(name, word), each) for word, each in command.features.items())


def _words(kind: Kind) -> tuple[str, ...]:
    if isinstance(kind, WordList):
        return kind.words.known
    return kind.known if isinstance(kind, Words) else ()


PLACES: Mapping[Place, Feature] = MappingProxyType(dict(_places()))
FEATURE_OWNERS: Mapping[str, Place] = MappingProxyType(
    {place.feature: place for place in PLACES if place.feature}
)
# Words that stand for one thing in small and in capital letters; other texts are names or paths.
ENUMERATED = frozenset(
    word for each in PLACES.values() for kind in each.arguments.values() for word in _words(kind)
)


def takers(keyword: str) -> tuple[Place, ...]:
    """Commands and features that take a keyword."""
    return tuple(place for place, feature in PLACES.items() if keyword in feature.arguments)


def named_feature(
    statement: Statement, features: Features
) -> tuple[Feature | None, tuple[Problem, ...]]:
    """The feature that a statement is about, and what is wrong with the word for it."""
    positional = [argument for argument in statement.args if argument.name is None]
    if not positional:
        return None, tuple(_without_feature(statement, features))
    word, command = str(positional[0].value), command_name(statement)
    extra = tuple(
        UNKNOWN_ARGUMENT.at(
            statement.start + argument.start,
            f"An argument of {command} lacks its keyword",
            severity=Severity.WARNING,
            evidence=f"{quoted(statement, argument)} behind {named(word)}",
            advice="Write the keyword in front of the argument, as in policy=enabled.",
        )
        for argument in positional[1:]
    )
    if isinstance(positional[0].value, str) and word in features:
        return features[word], extra
    return None, (_unknown_feature(statement, positional[0], features),)


def _unknown_feature(statement: Statement, argument: Argument, features: Features) -> Problem:
    offset = statement.start + argument.start
    word = quoted(statement, argument)
    command = command_name(statement)
    headline = f"Unknown feature {named(word)} of {command}"
    mistaken = MISTAKEN_FEATURES.get((command, word))
    if mistaken is not None:
        return UNKNOWN_ARGUMENT.at(offset, headline, mistaken)
    if word in FEATURE_OWNERS:
        owner = FEATURE_OWNERS[word].command
        place = statement.command_start, statement.command_start + len(statement.command)
        suggestion = replaced_part(statement, *place, owner)
        return UNKNOWN_ARGUMENT.at(
            offset,
            headline,
            suggestion,
            evidence=f"it is a feature of {owner}",
            advice=instead(suggestion, owner),
        )
    meant = nearest(word, features)
    if meant:
        suggestion = replaced_part(statement, argument.value_start, argument.end, meant)
        return UNKNOWN_ARGUMENT.at(offset, headline, suggestion, advice=instead(suggestion, meant))
    if not isinstance(argument.value, str):
        advice = f"Begin with one of {', '.join(features)}."
        return UNKNOWN_ARGUMENT.at(offset, headline, advice=advice)
    return UNKNOWN_ARGUMENT.at(
        offset,
        headline,
        severity=Severity.INFO,
        why=NEWER,
        advice="Check the spelling of the feature.",
    )


def _without_feature(statement: Statement, features: Features) -> Iterator[Problem]:
    """What is meant by a command that begins with a keyword, or with nothing."""
    command = command_name(statement)
    said = [argument for argument in statement.args if argument.name]
    misplaced = [argument for argument in said if argument.name in FEATURE_OWNERS]
    if misplaced:
        lines = "\n".join(_switch_line(argument) for argument in misplaced)
        is_whole = len(misplaced) == len(said)
        yield UNKNOWN_ARGUMENT.at(
            statement.start + misplaced[0].start,
            "A feature stands in front of the arguments, and takes no value",
            lines if is_whole else "",
            evidence=listed([str(argument.name) for argument in misplaced]),
            advice="" if is_whole else f"Write `{_switch(misplaced[0])}` in its place.",
        )
        return
    takes = [set(takers(str(argument.name))) for argument in said]
    common = set.intersection(*takes) if takes else set()
    own = {place for place in common if place.command == command}
    meant = own if len(own) == 1 else common
    texts = [statement.text[argument.start : argument.end] for argument in said]
    if len(meant) == 1:
        (place,) = meant
        names = listed([str(argument.name) for argument in said])
        yield UNKNOWN_ARGUMENT.at(
            statement.start + said[0].start,
            f"The command {command} lacks its feature"
            if place.command == command
            else f"The command {command} does not take these arguments",
            one_line(place.line(texts)),
            evidence=f"{place} takes {names}",
        )
        return
    yield BAD_VALUE.at(
        statement.start + statement.command_start,
        f"The command {command} names no feature",
        advice=f"Begin with one of {', '.join(features)}.",
    )


def without_command(statement: Statement, name: str) -> str:
    """The line that is meant by one that begins with a feature or a keyword; "" for another."""
    texts = [statement.text[argument.start : argument.end] for argument in statement.args]
    if name in FEATURE_OWNERS:
        return one_line(FEATURE_OWNERS[name].line(texts or ["policy=enabled"]))
    places = takers(name)
    if len(places) == len(texts) == 1 and statement.args[0].name is None:
        return one_line(places[0].line([f"{name}={texts[0]}"]))
    return ""


def feature_problems(statement: Statement) -> Iterator[Problem]:
    """A feature in the place of layers, as if its command took features."""
    given = [argument for argument in statement.args if argument.name is None]
    if command_name(statement) != "quantization_param" or len(given) != 1:
        return
    owner = FEATURE_OWNERS.get(str(given[0].value))
    if owner is not None:
        texts = [statement.text[each.start : each.end] for each in statement.args if each.name]
        yield UNKNOWN_ARGUMENT.at(
            statement.start + given[0].start,
            f"{owner.feature} is a feature of {owner.command}",
            one_line(owner.line(texts)),
        )


def command_name(statement: Statement) -> str:
    """The command without the object that it may belong to."""
    return statement.command.rpartition(".")[2]


def _switch(argument: Argument) -> str:
    return f"{argument.name}, {_policy(argument)}"


def _switch_line(argument: Argument) -> str:
    return FEATURE_OWNERS[str(argument.name)].line([_policy(argument)])


def _policy(argument: Argument) -> str:
    return f"policy={'disabled' if folded(str(argument.value)) in _OFF else 'enabled'}"


def unknown_keyword(statement: Statement, argument: Argument, feature: Feature) -> Problem:
    """What is wrong with a keyword that a command or feature is not known to take."""
    offset = statement.start + argument.start
    name, command = str(argument.name), command_name(statement)
    headline = f"Unknown argument {named(name)} of {command}"
    meant = _by_other_tools(name, feature) or nearest(name, feature.arguments)
    meant = meant or _by_part(argument, feature)
    if meant:
        suggestion = replaced_part(statement, argument.start, argument.start + len(name), meant)
        return UNKNOWN_ARGUMENT.at(offset, headline, suggestion, advice=instead(suggestion, meant))
    if name in FEATURE_OWNERS:
        line = _switch_line(argument)
        evidence = f"it is a feature of {FEATURE_OWNERS[name].command}"
        suggestion = _moved(statement, argument, line)
        return UNKNOWN_ARGUMENT.at(offset, headline, suggestion, evidence=evidence)
    if isinstance(argument.value, str) and argument.value in FEATURE_OWNERS:
        owner = FEATURE_OWNERS[argument.value]
        suggestion = _moved(statement, argument, owner.line(["policy=enabled"]))
        evidence = f"{argument.value} is a feature of {owner.command}"
        return UNKNOWN_ARGUMENT.at(offset, headline, suggestion, evidence=evidence)
    if command == _NMS and name in CONFIG_KEYS:
        return UNKNOWN_ARGUMENT.at(
            offset,
            headline,
            severity=Severity.INFO,
            why="It is a key of the NMS configuration, which is a JSON file.",
            advice="Write it into that file.",
        )
    places = takers(name)
    if len(places) == 1:
        line = one_line(places[0].line([statement.text[argument.start : argument.end]]))
        suggestion, evidence = _moved(statement, argument, line), f"{places[0]} takes it"
        severity = Severity.WARNING
        return UNKNOWN_ARGUMENT.at(offset, headline, suggestion, severity, evidence=evidence)
    return UNKNOWN_ARGUMENT.at(
        offset,
        headline,
        severity=Severity.INFO,
        why=NEWER,
        advice="Check the spelling of the argument.",
    )


def _by_other_tools(name: str, feature: Feature) -> str:
    meant = MISTAKEN_KEYWORDS.get(name, "")
    return meant if meant in feature.arguments else ""


def _by_part(argument: Argument, feature: Feature) -> str:
    """The one keyword of which only a part is written, and which takes the value; else ""."""
    meant = [
        keyword
        for keyword, kind in feature.arguments.items()
        if argument.name in keyword.split("_") and objection(kind, argument.value) is None
    ]
    return meant[0] if len(meant) == 1 else ""


def _moved(statement: Statement, argument: Argument, line: str) -> str:
    """The statement without an argument, and below it the line that says it instead."""
    others = [each for each in statement.args if each is not argument]
    # Layers alone, or a feature alone, would do nothing.
    if not any(each.name for each in others):
        return line
    return f"{without_argument(statement, argument)}\n{line}"
