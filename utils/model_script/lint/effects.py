"""What a line does, or leaves undone, without a word of the compiler."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.script_values import folded
from utils.findings import Severity
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import BAD_VALUE, Problem, shortened
from utils.model_script.statements import Statement

CLIPPING = ("activation_clipping", "weights_clipping")


def effect_problems(statement: Statement) -> Iterator[Problem]:
    """Lines that set nothing, and what is set without effect."""
    name = command_name(statement)
    if name in ("quantization_param", "model_optimization_flavor") and not statement.keywords:
        yield BAD_VALUE.at(
            statement.start + statement.command_start,
            f"The line with {name} sets nothing",
            severity=Severity.WARNING,
            why="The compiler reads it without a word.",
            advice="Add what it is to set, or delete the line.",
        )
    elif name == "pre_quantization_optimization":
        yield from _clipping_without_mode(statement)


def _clipping_without_mode(statement: Statement) -> Iterator[Problem]:
    """Values to clip at that no mode says how to read: the compiler's default clips nothing."""
    feature = folded(next(iter(statement.positional), None))
    if feature not in CLIPPING or "mode" in statement.keywords:
        return
    for argument in statement.args:
        if argument.name == "clipping_values":
            yield BAD_VALUE.at(
                statement.start + argument.start,
                "The clipping values are not used without a mode",
                severity=Severity.WARNING,
                evidence=shortened(statement.text[argument.start : argument.end]),
                why="The compiler goes on without a word.",
                advice="Add mode=percentile for percentiles, or mode=manual for values.",
            )
