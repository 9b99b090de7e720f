"""The constants of a ``normalization``: that they are usable, and in the unit of pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from utils.facts.normalization_recipes import RECIPES
from utils.har.network import Network
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import (
    BAD_VALUE,
    UNIT_NORMALIZATION,
    Problem,
    quoted,
    replaced_part,
    replaced_parts,
    shortened,
)
from utils.model_script.statements import Argument, Statement
from utils.model_script.tokens import Value, is_number
from utils.wording import plural

COMMAND = "normalization"
GREY_LEVELS = 32.0  # means and deviations of pixels are larger, where they are not 0 or 1
COLOURS = 3  # other numbers of channels may be of data that are no pictures
WHITE = 255.0  # the largest value of a pixel, which 1 stands for where values lie in 0..1
# The smallest deviation in use, of values from 0 to 1, is 0.2. Factors are 1/255 to 1/57.
LARGEST_FACTOR = 0.05
ROUNDED = 0.01  # share of a constant by which its factor may miss it, written with few digits
_MOST_WRITTEN = 64  # numbers that a proposed list has at most
# Behind these an input has other channels than the network was parsed with.
_CHANGING = frozenset({"input_conversion", "yuv_to_rgb", "resize", "resize_input", "transpose"})


@dataclass(frozen=True)
class _Constants:
    """What a line subtracts and divides by, with where it says so."""

    statement: Statement
    arguments: tuple[Argument, Argument]
    mean: Sequence[float]
    std: Sequence[float]

    @property
    def text(self) -> str:
        first, second = self.arguments
        return shortened(self.statement.text[first.start : second.end])

    @property
    def offset(self) -> int:
        return self.statement.start + self.arguments[0].start

    def line(self, mean: Sequence[float], std: Sequence[float]) -> str:
        """The statement with other constants, and with a name in front of it."""
        means, stds = (f"[{', '.join(f'{v:.6g}' for v in values)}]" for values in (mean, std))
        first, second = self.arguments
        text = replaced_part(self.statement, first.start, second.end, f"{means}, {stds}")
        return text if self.statement.command_start else f"normalization1 = {text}"


def normalization_problems(
    statements: Sequence[Statement], network: Network | None
) -> Iterator[Problem]:
    """What is wrong with the constants of each normalization.

    Parameters
    ----------
    statements : with their commands as the table names them.
    network : as it was parsed; None where it is not known.
    """
    channels = None
    is_changed = any(command_name(each) in _CHANGING for each in statements)
    if network is not None and len(network.input_layers) == 1 and not is_changed:
        shapes = network.input_layers[0].output_shapes
        channels = shapes[0][-1] if shapes else None
    for statement in statements:
        if command_name(statement) != COMMAND or (found := _constants(statement)) is None:
            continue
        malformed = [replace(each, shows_in_graph=True) for each in _malformed(found, channels)]
        yield from malformed
        if not malformed:
            yield from _factors(found) or _in_unit_range(found)


def flat_problems(statement: Statement) -> Iterator[Problem]:
    """Means and deviations one behind the other, without the lists around them."""
    given = statement.args
    is_flat = len(given) > 2 and all(each.name is None and is_number(each.value) for each in given)
    if command_name(statement) != COMMAND or not is_flat or len(given) % 2:
        return
    half = len(given) // 2
    texts = [statement.text[each.start : each.end] for each in given]
    lists = f"[{', '.join(texts[:half])}], [{', '.join(texts[half:])}]"
    suggestion = replaced_part(statement, given[0].start, given[-1].end, lists)
    yield BAD_VALUE.at(
        statement.start + given[0].start,
        "A normalization takes a list of means and a list of deviations",
        suggestion,
        evidence=f"{len(given)} numbers without lists",
        advice="" if suggestion else "Write two lists in [].",
    )


def scalar_problems(statement: Statement) -> Iterator[Problem]:
    """Single numbers in place of lists, with the line that has as many as the other list."""
    lists = _lists(statement)
    single = [each for each in lists if is_number(each.value)]
    counts = [len(each.value) for each in lists if isinstance(each.value, tuple)]
    parts = []
    for each in single:
        text = statement.text[each.value_start : each.end]
        numbers = ", ".join([text] * min(max(counts, default=1), _MOST_WRITTEN))
        parts.append((each.value_start, each.end, f"[{numbers}]"))
    suggestion = replaced_parts(statement, parts)
    for each in single:
        yield BAD_VALUE.at(
            statement.start + each.value_start,
            "A normalization takes lists, with one number for each channel",
            suggestion,
            evidence=quoted(statement, each),
            advice="" if suggestion else "Write a list in [].",
        )


def _lists(statement: Statement) -> list[Argument]:
    """What stands where the means and the deviations belong."""
    return [argument for argument in statement.args if argument.name is None][:2]


def _constants(statement: Statement) -> _Constants | None:
    lists = _lists(statement)
    if len(lists) < 2:
        return None
    mean, std = (_numbers(argument.value) for argument in lists)
    return _Constants(statement, (lists[0], lists[1]), mean, std) if mean and std else None


def _malformed(found: _Constants, channels: int | None) -> Iterator[Problem]:
    if _is_recipe(found.std, found.mean) and not _is_recipe(found.mean, found.std):
        yield BAD_VALUE.at(
            found.offset,
            "The means and the deviations of a normalization have changed places",
            found.line(found.std, found.mean),
            evidence=found.text,
        )
        return
    if any(s <= 0 for s in found.std):
        yield BAD_VALUE.at(
            found.statement.start + found.arguments[1].start,
            "A normalization divides by 0 or by a negative number",
            evidence=shortened(str(list(found.std))),
            advice="Write numbers above 0, with 1 where nothing is to be divided.",
        )
    counts = {len(found.mean), len(found.std)} | ({channels} if channels else set())
    if len(counts) == 1:
        return
    own = f"{plural(len(found.mean), 'mean')} and {plural(len(found.std), 'standard deviation')}"
    inputs = f", {plural(channels, 'channel')} of the input" if channels else ""
    yield BAD_VALUE.at(
        found.offset,
        "A normalization needs one mean and one deviation for each channel",
        evidence=own + inputs,
        advice=f"Give {channels} of each." if channels else "Give as many of one as of the other.",
    )


def _factors(found: _Constants) -> list[Problem]:
    """Deviations so small that they are factors, as other compilers take them."""
    mean, std = found.mean, found.std
    if len(std) != COLOURS or not all(0 < s < LARGEST_FACTOR for s in std):
        return []
    unit = WHITE if any(mean) and all(0 <= m <= 1 for m in mean) else 1.0
    line = found.line([m * unit for m in mean], [_usual(1 / s) for s in std])
    headline = "The compiler divides by the deviations, and these look like factors"
    return [_in_other_units(found, line, headline, "Other compilers multiply by them.")]


def _is_recipe(mean: Sequence[float], std: Sequence[float]) -> bool:
    """Whether published networks normalize with these constants, in RGB or in BGR order."""
    if len(mean) != len(std):
        return False
    known = [each.constants(len(mean)) for each in RECIPES if each.fits(len(mean))]
    given = [*mean, *std]
    return any(
        all(abs(a - b) <= ROUNDED * abs(b) for a, b in zip(given, [*means, *stds], strict=True))
        for pair in known
        for means, stds in (pair, (pair[0][::-1], pair[1][::-1]))
    )


def _usual(value: float) -> float:
    """The constant of a recipe that is as good as this one; else the value itself."""
    usual = min((std for each in RECIPES for std in each.std), key=lambda std: abs(value - std))
    return usual if abs(value - usual) <= ROUNDED * usual else value


def _in_unit_range(found: _Constants) -> list[Problem]:
    mean, std = found.mean, found.std
    if len(mean) != COLOURS or len(std) != COLOURS:
        return []
    line = found.line([m * WHITE for m in mean], [s * WHITE for s in std])
    headline = "The normalization is in units of 0 to 1, and pixels have 0 to 255"
    why = "Cameras and decoders deliver 0 to 255."
    if all(0 < s < 1 for s in std) and all(0 <= m <= 1 for m in mean):
        return [_in_other_units(found, line, headline, why)]
    if all(0 < s < 1 for s in std) and min(mean) >= GREY_LEVELS:
        line = found.line(mean, [s * WHITE for s in std])
    elif all(0 < m < 1 for m in mean) and min(std) >= GREY_LEVELS:
        line = found.line([m * WHITE for m in mean], std)
    else:
        return []
    headline = "The means and the deviations of a normalization are in different units"
    why = "One of the lists is meant for values from 0 to 1, the other for pixels from 0 to 255."
    return [_in_other_units(found, line, headline, why)]


def _in_other_units(found: _Constants, line: str, headline: str, why: str) -> Problem:
    return UNIT_NORMALIZATION.at(
        found.offset,
        headline,
        line,
        evidence=found.text,
        why=why,
        advice=f"Write `{line}`, if the images have pixels from 0 to 255.",
    )


def _numbers(value: Value) -> Sequence[float]:
    items = value if isinstance(value, tuple) else ()
    numbers = [float(item) for item in items if is_number(item)]
    return numbers if len(numbers) == len(items) else ()
