"""Lines of a model script that give a layer another range than calibration would."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from utils.facts.script_values import folded
from utils.har.network import Network
from utils.model_script import ModelScript, Statement, addressed_layers, layer_argument
from utils.model_script.statements import names_in
from utils.model_script.tokens import Value
from utils.wording import as_clause, interval, listed, short, without_scope

Range = tuple[float, float]
_OF_A_LAYER = ("force_range_out", "activation_clipping_values", "activation_clipping_mode")
MAX_QUOTED = 120  # characters of a line; it may name many layers
MOST_SHOWN = 2  # lines that are quoted; more are named by their numbers
DELETE = "Delete"


def clipping(layer: str, low: float, high: float) -> str:
    """The line that cuts what a layer hands out to a range."""
    return (
        f"pre_quantization_optimization(activation_clipping, layers=[{layer}], mode=manual, "
        f"clipping_values=[{low:.6g}, {high:.6g}])"
    )


def forced_range(layer: str, low: float, high: float) -> str:
    """The line that codes what a layer hands out by a range, whatever calibration saw."""
    return f"quantization_param([{layer}], force_range_out=[{low:.6g}, {high:.6g}])"


@dataclass(frozen=True)
class RangeLine:
    """A line that sets the range of layers.

    Parameters
    ----------
    settings : names of what it sets their range by.
    layers : whose range, scoped; None where it names none, which means all.
    """

    statement: Statement
    settings: tuple[str, ...]
    layers: frozenset[str] | None

    def concerns(self, layers: Collection[str]) -> bool:
        """Whether it sets the range of any of these layers."""
        return self.layers is None or not self.layers.isdisjoint(layers)

    @property
    def span(self) -> Range | None:
        """The range that is written there; None where it is left to percentiles or to a search."""
        if "force_range_out" in self.settings:
            return _pair(self.statement.keywords["force_range_out"])
        return self._values_of("manual")

    @property
    def percentiles(self) -> Range | None:
        """Between which percentiles of the values the range ends, 0 to 100; None where unsaid."""
        return self._values_of("percentile", "percentile_force")

    def _values_of(self, *modes: str) -> Range | None:
        """The two clipping values, where they are meant in one of these modes."""
        keywords = self.statement.keywords
        written = (keywords.get("mode"), keywords.get("activation_clipping_mode"))
        if not {*modes}.intersection(map(folded, written)):
            return None
        return _pair(
            keywords.get("clipping_values", keywords.get("activation_clipping_values", ()))
        )

    def taken_back(self, layers: Collection[str]) -> str:
        """What to do so that it says nothing of these layers, as an imperative clause."""
        place = f"line {self.statement.line} of the model script, `{self.quoted}`"
        if self.layers is None or not self.layers <= set(layers):
            names = [name for name in layers if self.concerns([name])]
            return f"Exempt {listed([without_scope(name) for name in names])} from {place}"
        others = self.statement.keywords.keys() - {*self.settings, *_OF_A_LAYER}
        if self.statement.command == "quantization_param" and others:
            return f"Take {listed(self.settings)} out of {place}"
        return f"{DELETE} {place}"

    @property
    def quoted(self) -> str:
        """The line, as it is shown."""
        return short(" ".join(self.statement.text.split()), MAX_QUOTED)


def measured_instead(ranges: Sequence[Range]) -> str:
    """What also serves in place of deleting a line: the range that was measured, of one layer."""
    if len(ranges) != 1:
        return ""
    return f"put the measured range {interval(*ranges[0])} in it"


def range_lines(
    script: ModelScript | None, network: Network, layers: Collection[str]
) -> tuple[RangeLine, ...]:
    """Lines by which a script sets the range of any of these layers, in its order."""
    lines = (
        RangeLine(statement, settings, _layers(statement, network))
        for statement in (script.statements if script else ())
        if (settings := tuple(_settings(statement)))
    )
    return tuple(line for line in lines if line.concerns(layers))


def taken_back(lines: Sequence[RangeLine], layers: Collection[str], instead: str = "") -> str:
    """One sentence on what to do so that these lines say nothing of these layers.

    Parameters
    ----------
    instead : what else serves, as an imperative clause.
    """
    clauses = [line.taken_back(layers) for line in lines]
    if len(lines) > MOST_SHOWN and all(clause.startswith(DELETE) for clause in clauses):
        found = _in_runs([line.statement.line for line in lines])
        clauses = [f"{DELETE} lines {listed(found, len(found))} of the model script"]
    todo = ", and ".join([clauses[0], *map(as_clause, clauses[1:])])
    todo += f", or {instead}" if instead else ""
    return f"{todo}, and quantize again."


def _in_runs(numbers: Sequence[int]) -> list[str]:
    """Numbers in ascending order, three or more that follow each other as one span."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spans = ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run) for run in runs)
    return [text for span in spans for text in span]


def _layers(statement: Statement, network: Network) -> frozenset[str] | None:
    argument = layer_argument(statement)
    if argument is None or not names_in(argument.value):
        return None
    return frozenset(addressed_layers(statement, network))


def _settings(statement: Statement) -> Iterator[str]:
    if statement.command == "quantization_param":
        yield from (name for name in _OF_A_LAYER if _is_on(statement, name))
    elif statement.command == "pre_quantization_optimization":
        is_off = folded(statement.keywords.get("mode")) == "disabled"
        if "activation_clipping" in statement.positional and not is_off:
            yield "activation_clipping"


def _is_on(statement: Statement, name: str) -> bool:
    return name in statement.keywords and folded(statement.keywords[name]) != "disabled"


def _pair(value: Value) -> Range | None:
    items = value if isinstance(value, tuple) else ()
    numbers = [float(item) for item in items if isinstance(item, (int, float))]
    return (numbers[0], numbers[1]) if len(numbers) == len(items) == 2 else None
