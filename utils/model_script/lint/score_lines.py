"""The lines that change what leaves: their layer, and what is made of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from utils.facts.script_values import ACTIVATIONS, LOGITS, Words, folded
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import BAD_VALUE, Problem, quoted, replaced_parts
from utils.model_script.statements import Argument, Statement, names_in
from utils.model_script.tokens import Name

LOGITS_LAYER = "logits_layer"
ACTIVATION = "change_output_activation"
# What stands behind the layer.
_MADE: Mapping[str, Words] = MappingProxyType({LOGITS_LAYER: LOGITS, ACTIVATION: ACTIVATIONS})


def score_problems(statement: Statement) -> Iterator[Problem]:
    """A line without its layer, with what is made of it in front, or of the other command."""
    name = command_name(statement)
    given = [argument for argument in statement.args if argument.name is None]
    if not given or name not in _MADE:
        return
    if name == ACTIVATION:
        for made, others in ((given[-1], given[:-1]), (given[0], given[1:])):
            if folded(made.value) in LOGITS.known:
                yield _of_logits_layer(statement, made, others)
                return
    if folded(given[0].value) not in _MADE[name].known:
        return
    head = "logits_layer1 = " if name == LOGITS_LAYER and not statement.command_start else ""
    if len(given) > 1 and _is_layer(given[1], _MADE[name]):
        yield _exchanged(statement, given[0], given[1], head)
    elif name == LOGITS_LAYER:
        word = folded(given[0].value)
        yield BAD_VALUE.at(
            statement.start + given[0].start,
            f"The command {LOGITS_LAYER} lacks the layer in front of {word}",
            evidence=quoted(statement, given[0]),
            advice="Name the layer that computes the scores, as in "
            f"`logits_layer1 = {LOGITS_LAYER}(fc1, {word})`.",
        )


def _is_layer(argument: Argument, made: Words) -> bool:
    is_name = isinstance(argument.value, Name) or bool(names_in(argument.value))
    return is_name and folded(argument.value) not in made.known


def _of_logits_layer(statement: Statement, made: Argument, others: list[Argument]) -> Problem:
    word = folded(made.value)
    layer = statement.text[others[0].start : others[0].end] if others else "conv1"
    line = f"logits_layer1 = {LOGITS_LAYER}({layer}, {word})"
    is_known = bool(others) and isinstance(others[0].value, Name)
    return BAD_VALUE.at(
        statement.start + made.start,
        f"The command {ACTIVATION} makes no {word}",
        line if is_known else "",
        evidence=quoted(statement, made),
        why=f"It changes values one by one, and {word} compares all channels.",
        advice="" if is_known else f"Write `{line}` with the layer that computes the scores.",
    )


def _exchanged(statement: Statement, first: Argument, second: Argument, head: str) -> Problem:
    texts = [statement.text[each.value_start : each.end] for each in (first, second)]
    line = replaced_parts(
        statement,
        [(first.start, first.end, texts[1]), (second.start, second.end, texts[0])],
    )
    return BAD_VALUE.at(
        statement.start + first.start,
        f"The command {command_name(statement)} takes the layer first",
        f"{head}{line}" if line else "",
        evidence=f"{texts[0]} stands in front of {texts[1]}",
        advice="" if line else "Write the layer first.",
    )
