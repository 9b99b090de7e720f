"""Keywords in front of arguments that the compiler knows by their place alone."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.script_mistakes import WITHOUT_KEYWORD
from utils.findings import Severity
from utils.model_script.lint.features import command_name
from utils.model_script.lint.nms_lines import COMMAND as NMS
from utils.model_script.lint.problems import UNKNOWN_ARGUMENT, Problem, instead, named, one_line
from utils.model_script.places import by_place
from utils.model_script.statements import Statement


def superfluous_keywords(statement: Statement) -> Iterator[Problem]:
    """One problem for all such keywords of a line, with the line that has none of them."""
    words = WITHOUT_KEYWORD.get(command_name(statement), {})
    found = [argument for argument in statement.args if argument.name in words]
    if not found:
        return
    bare = by_place(statement, words)
    others = [each for each in statement.args if each not in bare]
    texts = [statement.text[each.value_start : each.end] for each in bare]
    texts += [statement.text[each.start : each.end] for each in others]
    head = statement.text[: statement.command_start]
    suggestion = one_line(f"{head}{statement.command}({', '.join(texts)})")
    name = named(str(found[0].name))
    yield UNKNOWN_ARGUMENT.at(
        statement.start + found[0].start,
        f"The command {command_name(statement)} has no keyword {name}",
        suggestion,
        # Of this command it was reported; of the others no published script has one.
        Severity.ERROR if command_name(statement) == NMS else Severity.WARNING,
        why='The compiler knows it by its place, and may answer "No argument named ...".',
        advice=instead(suggestion, "the value without a keyword"),
    )
