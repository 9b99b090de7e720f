"""Commands, their arguments and their values against the table of what is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from utils.facts.script_commands import ALLOCATION_COMMANDS, COMMANDS, Command, Slot
from utils.facts.script_features import Feature
from utils.facts.script_mistakes import MISTAKEN_COMMANDS, MISTAKEN_NAMES
from utils.facts.script_values import Kind, Layers, Number, Numbers, Path, folded
from utils.findings import Severity
from utils.model_script.lint.clipping import clipping_problems
from utils.model_script.lint.effects import effect_problems
from utils.model_script.lint.features import (
    command_name,
    feature_problems,
    named_feature,
    unknown_keyword,
    without_command,
)
from utils.model_script.lint.nms_lines import COMMAND as NMS
from utils.model_script.lint.nms_lines import nms_problems
from utils.model_script.lint.normalizations import COMMAND as NORMALIZATION
from utils.model_script.lint.normalizations import flat_problems, scalar_problems
from utils.model_script.lint.problems import (
    BAD_VALUE,
    NEWER,
    UNASSIGNED_NORMALIZATION,
    UNKNOWN_ARGUMENT,
    UNKNOWN_COMMAND,
    Problem,
    instead,
    named,
    quoted,
    replaced_part,
    shortened,
)
from utils.model_script.lint.returned_names import defuse_problems
from utils.model_script.lint.score_lines import score_problems
from utils.model_script.lint.spelling import nearest
from utils.model_script.lint.superfluous_keywords import superfluous_keywords
from utils.model_script.lint.values import objection
from utils.model_script.statements import Argument, Statement, names_in
from utils.model_script.tokens import GlobSet, Name
from utils.wording import listed, plural

# What is looked at first, as it knows better than the table what is meant.
_SPECIAL = {NMS: nms_problems, NORMALIZATION: scalar_problems}


def command_problems(statement: Statement, taken: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a statement by itself.

    Parameters
    ----------
    taken : names that a new layer cannot have.
    """
    name = command_name(statement)
    if name in ALLOCATION_COMMANDS:
        yield from defuse_problems(statement)
        return
    command = COMMANDS.get(name)
    if command is None:
        yield _unknown_command(statement, name)
        return
    wrong_places = [
        *feature_problems(statement),
        *superfluous_keywords(statement),
        *score_problems(statement),
        *flat_problems(statement),
    ]
    if wrong_places:  # what stands in which place would be told once more
        yield wrong_places[0]
        return
    special = list(_SPECIAL[name](statement)) if name in _SPECIAL else []
    yield from special
    judged = {problem.offset for problem in special}
    found = chain(_argument_problems(statement, command), clipping_problems(statement))
    yield from (problem for problem in found if problem.offset not in judged)
    if command.features is None:
        yield from _target_problems(statement, name, command, taken)
    yield from effect_problems(statement)


def _argument_problems(statement: Statement, command: Command) -> Iterator[Problem]:
    if command.features is None:
        yield from _slot_problems(statement, command)
        yield from _keyword_problems(statement, command.keywords)
        return
    feature, problems = named_feature(statement, command.features)
    yield from problems
    if feature is not None:
        yield from _keyword_problems(statement, feature)


def _unknown_command(statement: Statement, name: str) -> Problem:
    mistake = MISTAKEN_COMMANDS.get(folded(name))
    meant = MISTAKEN_NAMES.get(folded(name), "") or nearest(
        name, (*COMMANDS, *sorted(ALLOCATION_COMMANDS))
    )
    end = statement.command_start + len(statement.command)
    start = end - len(name)
    offset = statement.start + start
    if mistake is not None:
        headline = f"The command {named(name)} does not exist"
        return UNKNOWN_COMMAND.at(offset, headline, why=mistake.why, advice=mistake.advice)
    if meant:
        suggestion = replaced_part(statement, start, end, meant)
        headline = f"The command {named(name)} does not exist"
        return UNKNOWN_COMMAND.at(offset, headline, suggestion, advice=instead(suggestion, meant))
    if line := without_command(statement, name):
        evidence = f"{named(name)} belongs into {line.partition('(')[0]}"
        return UNKNOWN_COMMAND.at(
            offset, f"The command {named(name)} does not exist", line, evidence=evidence
        )
    return UNKNOWN_COMMAND.at(
        offset,
        f"The command {named(name)} is not among those known",
        severity=Severity.INFO,
        why=NEWER,
        advice="Check the spelling of the command.",
    )


def _slot_problems(statement: Statement, command: Command) -> Iterator[Problem]:
    given = [argument for argument in statement.args if argument.name is None]
    filled = _filled(given, command.slots)
    for argument, slot in filled:
        yield from _value_problems(statement, argument, slot.kind)
    surplus = given[len(filled) :]
    if listing := _as_list(statement, filled, surplus):
        yield listing
        return
    for argument in surplus:
        yield UNKNOWN_ARGUMENT.at(
            statement.start + argument.start,
            f"The command {command_name(statement)} is not known to take this argument",
            severity=Severity.WARNING,
            evidence=quoted(statement, argument),
            advice="Delete the argument, or write its keyword in front of it.",
        )
    known = {*command.keywords.arguments, "layers"}
    guessed = any(argument.name and argument.name not in known for argument in statement.args)
    slots = [slot for _, slot in filled]
    missing = [slot.name for slot in command.slots if not slot.optional and slot not in slots]
    if missing and not guessed and "layers" not in statement.keywords:
        yield BAD_VALUE.at(
            statement.start + statement.command_start,
            f"The command {command_name(statement)} lacks arguments",
            evidence=listed(missing),
            advice=f"Add {listed(missing)}.",
        )


def _as_list(
    statement: Statement, filled: Sequence[tuple[Argument, Slot]], surplus: Sequence[Argument]
) -> Problem | None:
    """What is wrong with layers that stand one behind the other without a list around them."""
    if not surplus or not filled or not isinstance(filled[-1][1].kind, Layers):
        return None
    layers = [filled[-1][0], *surplus]
    if not all(isinstance(argument.value, Name) for argument in layers):
        return None
    names = ", ".join(str(argument.value) for argument in layers)
    first, last = layers[0], layers[-1]
    return BAD_VALUE.at(
        statement.start + first.start,
        "Several layers stand without a list around them",
        replaced_part(statement, first.start, last.end, f"[{names}]"),
        evidence=shortened(names),
    )


def _filled(given: Sequence[Argument], slots: Sequence[Slot]) -> list[tuple[Argument, Slot]]:
    """Which argument fills which slot; optional ones are filled while there is one to spare."""
    spare = len(given) - sum(not slot.optional for slot in slots)
    pending = list(given)
    filled = []
    for slot in slots:
        if not pending or (slot.optional and (spare < 1 or not _may_fill(pending[0], slot))):
            continue
        spare -= slot.optional
        filled.append((pending.pop(0), slot))
    return filled


def _may_fill(argument: Argument, slot: Slot) -> bool:
    if isinstance(slot.kind, Layers):
        return bool(names_in(argument.value)) or isinstance(argument.value, str)
    if isinstance(slot.kind, Path):
        return isinstance(argument.value, str) and any(c in argument.value for c in "./\\$")
    return True


def _keyword_problems(statement: Statement, feature: Feature) -> Iterator[Problem]:
    for argument in statement.args:
        if argument.name is None:
            continue
        if argument.name in feature.arguments:
            yield from _value_problems(statement, argument, feature.arguments[argument.name])
        elif feature.complete and argument.name != "layers":
            yield unknown_keyword(statement, argument, feature)


def _value_problems(statement: Statement, argument: Argument, kind: Kind) -> Iterator[Problem]:
    found = objection(kind, argument.value)
    if found is None:
        return
    value, offset = quoted(statement, argument), statement.start + argument.value_start
    what = named(argument.name or command_name(statement))
    if found.severity == Severity.INFO and not found.replacement:
        yield BAD_VALUE.at(
            offset,
            f"The value of {what} is not among those known",
            severity=found.severity,
            evidence=f"{value} instead of {found.expected}",
            why=NEWER,
            advice="Check the spelling of the value.",
        )
        return
    suggestion = ""
    is_placeholder = isinstance(argument.value, GlobSet) and isinstance(kind, (Number, Numbers))
    if found.replacement:
        suggestion = replaced_part(statement, argument.value_start, argument.end, found.replacement)
    yield BAD_VALUE.at(
        offset,
        f"The value of {what} is not allowed",
        suggestion,
        found.severity,
        evidence=value,
        why="A program left its placeholder in the line." if is_placeholder else "",
        advice="" if suggestion else f"Give {what} {found.replacement or found.expected}.",
    )


def _target_problems(
    statement: Statement, name: str, command: Command, taken: Collection[str]
) -> Iterator[Problem]:
    if command.needs_target and not statement.command_start:
        free = free_name(name, taken)
        suggestion = f"{free} = {replaced_part(statement, 0, 0, '')}"
        yield UNASSIGNED_NORMALIZATION.at(
            statement.start,
            "A normalization(...) has no name in front of it",
            suggestion,
            why="The compiler may refuse the script for it, or silently leave it out.",
        )
    # Without a layer a command is applied to every input, and returns names for each.
    layers = [
        argument
        for argument, slot in _filled(
            [argument for argument in statement.args if argument.name is None], command.slots
        )
        if isinstance(slot.kind, Layers)
    ]
    if command.names_per_layer is None or not layers:
        return
    count = len(names_in(layers[0].value)) * command.names_per_layer
    if 0 < count < len(statement.targets):
        yield BAD_VALUE.at(
            statement.start,
            "The command returns fewer layers than the line names",
            severity=Severity.WARNING,
            evidence=f"{len(statement.targets)} names for {plural(count, 'layer')}",
            advice=f"Write {plural(count, 'name')} in front of it.",
        )


def free_name(stem: str, taken: Collection[str]) -> str:
    """A name for a new layer: the stem with the first number that is free."""
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
