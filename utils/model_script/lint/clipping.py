"""Ranges that are cut: in all layers alike, or at values that are no percentiles."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.script_values import folded
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import (
    BAD_VALUE,
    BLANKET_CLIPPING,
    Problem,
    instead,
    quoted,
    replaced_part,
)
from utils.model_script.statements import Argument, Statement
from utils.model_script.tokens import GlobSet, Value

_CLIPPED = {
    "activation_clipping": "activations",
    "weights_clipping": "weights",
}
# These find a range for each layer; the others cut all layers at the same place.
_HARMLESS_CLIPPING = ("disabled", "mmse", "mmse_if4b")


def clipping_problems(statement: Statement) -> Iterator[Problem]:
    """What is wrong with a line that clips."""
    keywords = statement.keywords
    first = statement.positional[0] if statement.positional else None
    if command_name(statement) == "quantization_param":
        layers, what, prefix = first, "activations", "activation_"
    elif isinstance(first, str) and first in _CLIPPED:
        layers, what, prefix = keywords.get("layers"), _CLIPPED[first], ""
    else:
        return
    mode, values = keywords.get(f"{prefix}clipping_mode"), f"{prefix}clipping_values"
    mode = folded(mode or keywords.get("mode"))
    if (mode or values in keywords) and mode not in _HARMLESS_CLIPPING and _means_all(layers):
        yield BLANKET_CLIPPING.at(
            statement.start + statement.command_start,
            f"The {what} of every layer are clipped alike",
            why="This costs accuracy in layers that need their extremes.",
            advice="Name only the layers that have outliers.",
        )
    if mode not in ("percentile", "percentile_force"):
        return
    for argument in statement.args:
        if argument.name == values and _are_shares(argument.value):
            yield _shares(statement, argument)
        elif argument.name == values and not _are_percentiles(argument.value):
            yield BAD_VALUE.at(
                statement.start + argument.value_start,
                "The clipping values are not percentiles",
                evidence=f"{quoted(statement, argument)} with mode={mode}",
                advice=f"Give {values} percentiles from 0 to 100.",
            )


def _shares(statement: Statement, argument: Argument) -> Problem:
    items = argument.value if isinstance(argument.value, tuple) else ()
    percent = [f"{100 * item:.10g}" for item in items if isinstance(item, (int, float))]
    suggestion = replaced_part(
        statement, argument.value_start, argument.end, f"[{', '.join(percent)}]"
    )
    return BAD_VALUE.at(
        statement.start + argument.value_start,
        "The clipping values are shares, and the compiler takes percentiles",
        suggestion,
        evidence=f"{quoted(statement, argument)} cuts off all but the lowest hundredth",
        advice=instead(suggestion, "percentiles from 0 to 100"),
    )


def _are_shares(value: Value) -> bool:
    """Whether the upper end is no more than 1, where nobody wants all above it cut off."""
    items = value if isinstance(value, tuple) else ()
    numbers = [item for item in items if isinstance(item, (int, float))]
    return len(numbers) == len(items) > 1 and 0 <= numbers[0] < numbers[-1] <= 1


def _are_percentiles(value: Value) -> bool:
    items = value if isinstance(value, tuple) else ()
    return all(0 <= item <= 100 for item in items if isinstance(item, (int, float)))


def _means_all(layers: Value) -> bool:
    if isinstance(layers, tuple):
        return any(_means_all(item) for item in layers)
    return isinstance(layers, GlobSet) and any(
        pattern.rpartition("/")[2] == "*" for pattern in layers.patterns
    )
