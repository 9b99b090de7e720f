"""The model script (.alls): read losslessly, asked in the terms of the graph.

``str(parse_model_script(text)) == text`` holds byte for byte: statements know where they
stand, and what lies between them is kept. Commands that are not known are kept as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from utils.har.network import Network
from utils.model_script.places import by_place
from utils.model_script.statements import Argument, Statement, StatementParser, names_in
from utils.model_script.tokens import Duration, GlobSet, Name, Percentage, Value, is_number

__all__ = [
    "Argument",
    "Duration",
    "GlobSet",
    "ModelScript",
    "Name",
    "Normalization",
    "Percentage",
    "Statement",
    "Value",
    "addressed_layers",
    "layer_argument",
    "names_in",
    "normalizations",
    "parse_model_script",
    "unknown_layers",
]

# Position of the argument that names layers, by command; what is not listed takes the keyword
# ``layers``. Where an optional layer comes first it is there only if more arguments follow.
LAYER_POSITION: Mapping[str, int] = MappingProxyType(
    {
        "quantization_param": 0,
        "compilation_param": 0,
        "remove_node": 0,
        "logits_layer": 0,
        "transpose": 0,
        "yuv_to_rgb": 0,
        "resize": 0,
        "resize_input": 0,
        "change_output_activation": 0,
        "input_conversion": 0,
        "normalization": 2,
    }
)
OPTIONAL_FIRST_LAYER = frozenset({"change_output_activation", "input_conversion"})


@dataclass(frozen=True)
class ModelScript:
    """A model script.

    Parameters
    ----------
    text : the script as it was read.
    statements : its commands in order, with their places in the text.
    warnings : what the grammar forbids but Hailo's compiler tolerates.
    """

    text: str
    statements: tuple[Statement, ...]
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def commands(self, name: str) -> tuple[Statement, ...]:
        """Statements with exactly this command."""
        return tuple(statement for statement in self.statements if statement.command == name)

    def says(self, line: str) -> bool:
        """Whether it holds this statement, perhaps with more keywords.

        Raises
        ------
        ScriptError : the line does not follow the grammar.
        """
        return all(
            any(_says_as_much(each, asked) for each in self.commands(asked.command))
            for asked in StatementParser(line).statements()
        )


@dataclass(frozen=True)
class Normalization:
    """On-chip normalization, (x - mean) / std, as a script asks for it.

    Parameters
    ----------
    targets : name of the inserted layer; () if it was not given one.
    mean, std : one number per channel as written; what is no number is left out.
    input_layer : the input it applies to; None if the script does not say.
    line : where it stands.
    """

    targets: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    input_layer: str | None
    line: int


def holds_lines(script: ModelScript | None, lines: Iterable[str]) -> bool:
    """Whether there is a script, and it says already what all lines say."""
    return script is not None and all(map(script.says, lines))


def _says_as_much(statement: Statement, asked: Statement) -> bool:
    is_same = statement.positional == asked.positional
    return is_same and asked.keywords.items() <= statement.keywords.items()


def parse_model_script(text: str) -> ModelScript:
    """Read a model script.

    Raises
    ------
    ScriptError : the text does not follow the grammar; the message names the line.
    """
    parser = StatementParser(text)
    statements = tuple(parser.statements())
    return ModelScript(text, statements, tuple(parser.warnings))


def layer_argument(statement: Statement) -> Argument | None:
    """The argument that says which layers a statement is about; None if it says nothing."""
    for argument in statement.args:
        if argument.name == "layers":
            return argument
    position = LAYER_POSITION.get(statement.command)
    positional = [argument for argument in statement.args if argument.name is None]
    if position is None or len(positional) <= position:
        return None
    if statement.command in OPTIONAL_FIRST_LAYER and len(positional) == 1:
        return None
    return positional[position] if names_in(positional[position].value) else None


def addressed_layers(statement: Statement, network: Network) -> tuple[str, ...]:
    """Scoped names of the layers a statement names, in graph order.

    Names may come with or without scope, in lists, or as patterns in braces; () if the
    statement names no layer, which for most commands means all of them.
    """
    argument = layer_argument(statement)
    if argument is None:
        return ()
    found = {name for value in _parts(argument.value) for name in _matches(value, network)}
    return tuple(name for name in network.layers if name in found)


def unknown_layers(statement: Statement, network: Network) -> tuple[str, ...]:
    """Names and patterns of a statement that stand for no layer, or not for just one."""
    argument = layer_argument(statement)
    if argument is None:
        return ()
    return tuple(
        dict.fromkeys(
            name
            for value in _parts(argument.value)
            if not _matches(value, network)
            for name in names_in(value)
        )
    )


def _parts(value: Value) -> Iterable[Name | GlobSet]:
    """Single names and single patterns of a layer argument."""
    if isinstance(value, Name):
        yield value
    elif isinstance(value, GlobSet):
        yield from (GlobSet((pattern,)) for pattern in value.patterns)
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)


def _matches(part: Name | GlobSet, network: Network) -> tuple[str, ...]:
    if isinstance(part, Name):
        name = network.resolve(part)
        return () if name is None else (name,)
    (pattern,) = part.patterns
    return tuple(name for name in network.layers if _fits(name, pattern))


def _fits(name: str, pattern: str) -> bool:
    """Whether a pattern fits a layer's name, or what is left of it without outer scopes."""
    parts = name.split("/")
    return any(fnmatchcase("/".join(parts[start:]), pattern) for start in range(len(parts)))


def normalizations(script: ModelScript) -> tuple[Normalization, ...]:
    """All on-chip normalizations of a script, malformed ones with what can be read of them."""
    return tuple(_normalization(statement) for statement in script.commands("normalization"))


def _normalization(statement: Statement) -> Normalization:
    values = [argument.value for argument in by_place(statement)]
    constants = [value for value in values if not isinstance(value, str)]
    layers = [value for value in values if isinstance(value, Name)]
    mean, std = (*map(_numbers, constants[:2]), (), ())[:2]
    return Normalization(
        targets=statement.targets,
        mean=mean,
        std=std,
        input_layer=layers[0] if layers else None,
        line=statement.line,
    )


def _numbers(value: Value) -> tuple[float, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(float(item) for item in items if is_number(item))
