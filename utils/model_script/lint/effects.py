"""What a line does, or leaves undone, without a word of the compiler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.facts.script_values import folded
from utils.findings import Severity
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import (
    BAD_VALUE,
    UNIT_NORMALIZATION,
    Problem,
    replaced_part,
    shortened,
)
from utils.model_script.statements import Statement
from utils.model_script.tokens import Value

CLIPPING = ("activation_clipping", "weights_clipping")
COLOURS = 3  # other numbers of channels may be of data that are no pictures
WHITE = 255.0  # the largest value of a pixel, which 1 stands for where values lie in 0..1


def effect_problems(statement: Statement) -> Iterator[Problem]:
    """Lines that set nothing, and what is set in another unit or without effect."""
    name = command_name(statement)
    if name in ("quantization_param", "model_optimization_flavor") and not statement.keywords:
        yield BAD_VALUE.at(
            statement.start + statement.command_start,
            f"The line with {name} sets nothing",
            severity=Severity.WARNING,
            why="The compiler reads it without a word.",
            advice="Add what it is to set, or delete the line.",
        )
    elif name == "normalization":
        yield from _in_unit_range(statement)
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


def _in_unit_range(statement: Statement) -> Iterator[Problem]:
    lists = [argument for argument in statement.args if argument.name is None][:2]
    mean, std = (*(_numbers(argument.value) for argument in lists), (), ())[:2]
    are_small = all(0 < s < 1 for s in std) and all(0 <= m <= 1 for m in mean)
    if len(mean) != COLOURS or len(std) != COLOURS or not are_small:
        return
    means, stds = (f"[{', '.join(f'{v * WHITE:.6g}' for v in values)}]" for values in (mean, std))
    suggestion = replaced_part(statement, lists[0].start, lists[1].end, f"{means}, {stds}")
    target = "" if statement.command_start else "normalization1 = "
    yield UNIT_NORMALIZATION.at(
        statement.start + lists[0].start,
        "The normalization is in units of 0 to 1, and pixels have 0 to 255",
        f"{target}{suggestion}",
        evidence=shortened(statement.text[lists[0].start : lists[1].end]),
        why="Cameras and decoders deliver 0 to 255.",
        advice=f"Write `{target}{suggestion}`, if the images have pixels from 0 to 255.",
    )


def _numbers(value: Value) -> Sequence[float]:
    items = value if isinstance(value, tuple) else ()
    numbers = [float(i) for i in items if isinstance(i, (int, float)) and not isinstance(i, bool)]
    return numbers if len(numbers) == len(items) else ()
