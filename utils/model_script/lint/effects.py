"""What a line does, or leaves undone, without a word of the compiler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

COLOURS = 3  # other numbers of channels may be of data that are no pictures
WHITE = 255.0  # the largest value of a pixel, which 1 stands for where values lie in 0..1


def effect_problems(statement: Statement) -> Iterator[Problem]:
    """Lines that set nothing, and normalization in another unit than pixels have."""
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
