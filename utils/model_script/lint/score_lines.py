"""The line ``logits_layer``: its layer, and what is made of the scores there."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.script_values import LOGITS, folded
from utils.model_script.lint.problems import BAD_VALUE, Problem, quoted, replaced_parts
from utils.model_script.statements import Argument, Statement
from utils.model_script.tokens import Name

COMMAND = "logits_layer"


def logits_problems(statement: Statement) -> Iterator[Problem]:
    """A ``logits_layer`` without a layer, or with what is made of it in front."""
    given = [argument for argument in statement.args if argument.name is None]
    if not given or folded(given[0].value) not in LOGITS.known:
        return
    head = "" if statement.command_start else "logits_layer1 = "
    if len(given) > 1 and isinstance(given[1].value, Name):
        yield _exchanged(statement, given[0], given[1], head)
        return
    word = folded(given[0].value)
    yield BAD_VALUE.at(
        statement.start + given[0].start,
        f"The command {COMMAND} lacks the layer in front of {word}",
        evidence=quoted(statement, given[0]),
        advice="Name the layer that computes the scores, as in "
        f"`logits_layer1 = {COMMAND}(fc1, {word})`.",
    )


def _exchanged(statement: Statement, first: Argument, second: Argument, head: str) -> Problem:
    texts = [statement.text[each.value_start : each.end] for each in (first, second)]
    line = replaced_parts(
        statement,
        [(first.start, first.end, texts[1]), (second.start, second.end, texts[0])],
    )
    return BAD_VALUE.at(
        statement.start + first.start,
        f"The command {COMMAND} takes the layer first",
        f"{head}{line}" if line else "",
        evidence=f"{texts[0]} stands in front of {texts[1]}",
        advice="" if line else "Write the layer first.",
    )
