"""Names for the parts of a layer that is split."""

from __future__ import annotations

from collections.abc import Iterator

from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import BAD_VALUE, Problem, instead
from utils.model_script.statements import Statement
from utils.model_script.tokens import Name
from utils.wording import plural

_MAX_PARTS = 64  # into which a layer is split; Hailo's scripts go up to 16


def defuse_problems(statement: Statement) -> Iterator[Problem]:
    """A ``defuse`` without a name for the layer that joins the parts.

    All 168 lines of Hailo's scripts that name no ``defuse_type`` have one name more than parts.
    Other types were not counted, and are not judged.
    """
    if command_name(statement) != "defuse" or "defuse_type" in statement.keywords:
        return
    values = statement.positional
    if len(values) != 2 or not isinstance(values[0], Name) or not statement.targets:
        return
    parts = values[1]
    if isinstance(parts, bool) or not isinstance(parts, int) or not 1 < parts <= _MAX_PARTS:
        return
    if len(statement.targets) > parts:
        return
    base = values[0].rpartition("/")[2]
    scope = statement.targets[0].rpartition("/")[0]
    prefix = f"{scope}/" if scope else ""
    names = [*statement.targets]
    names += [f"{prefix}{base}_d{index}" for index in range(len(names), parts)]
    names.append(f"{prefix}{base}_dc")
    suggestion = f"{', '.join(names)} = {statement.text[statement.command_start :]}"
    yield BAD_VALUE.at(
        statement.start,
        "A defuse returns one layer more than the line names",
        suggestion,
        evidence=f"{plural(len(statement.targets), 'name')} for {parts} parts and what joins them",
        why='The compiler ends with "AllocatorScriptParserException".',
        advice=instead(suggestion, names[-1]),
    )
