"""What a statement of a model script sets, for which layers: what makes two of them rivals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, TypeAlias

from utils.facts.script_values import folded
from utils.har.network import Network
from utils.model_script import (
    GlobSet,
    ModelScript,
    Statement,
    addressed_layers,
    layer_argument,
    names_in,
    normalizations,
    unknown_layers,
)


class Unit(Enum):
    """What is replaced when a setting is made anew."""

    KEYWORD = auto()  # each keyword on its own; the rest of the statement is kept
    STATEMENT = auto()  # the statement as a whole
    NOTHING = auto()  # two different statements never contradict each other


@dataclass(frozen=True)
class Keying:
    """How statements of one command relate.

    Positional arguments that name no layers (``calibration``, ``finetune``, ``bgr_to_rgb``) are
    part of the key wherever keywords are the settings.

    Parameters
    ----------
    unit : what is replaced.
    place : rank among the commands that modify the graph, which stand in front in this order;
        None for optimization and allocation commands, which are added at the end.
    on_inputs : without a layer it is about every input; a second one is chained to the first.
    last_wins : of several statements only the last has an effect.
    needs_layers : a statement that names no layer is incomplete.
    """

    unit: Unit
    place: int | None = None
    on_inputs: bool = False
    last_wins: bool = False
    needs_layers: bool = False


KEYINGS: Mapping[str, Keying] = MappingProxyType(
    {
        # The compiler inserts each directly behind the input, in script order: what is asked
        # for later sits nearer to the data. Normalization therefore comes first.
        "normalization": Keying(Unit.STATEMENT, place=0, on_inputs=True),
        "input_conversion": Keying(Unit.KEYWORD, place=1, on_inputs=True),
        "yuv_to_rgb": Keying(Unit.STATEMENT, place=1, on_inputs=True),
        "resize": Keying(Unit.STATEMENT, place=1, on_inputs=True),
        "resize_input": Keying(Unit.STATEMENT, place=1, on_inputs=True),
        "transpose": Keying(Unit.STATEMENT, place=1, on_inputs=True),
        "change_output_activation": Keying(Unit.STATEMENT, place=2),
        "logits_layer": Keying(Unit.STATEMENT, place=3),
        "nms_postprocess": Keying(Unit.STATEMENT, place=4),
        "model_optimization_flavor": Keying(Unit.KEYWORD, last_wins=True),
        "model_optimization_config": Keying(Unit.KEYWORD),
        "pre_quantization_optimization": Keying(Unit.KEYWORD),
        "post_quantization_optimization": Keying(Unit.KEYWORD),
        "quantization_param": Keying(Unit.KEYWORD, needs_layers=True),
        "compilation_param": Keying(Unit.KEYWORD, needs_layers=True),
        "set_seed": Keying(Unit.KEYWORD),
        "allocator_param": Keying(Unit.KEYWORD),
        "resources_param": Keying(Unit.KEYWORD),
        "performance_param": Keying(Unit.KEYWORD),
        "platform_param": Keying(Unit.KEYWORD),
        "context_switch_param": Keying(Unit.KEYWORD),
        "hef_param": Keying(Unit.KEYWORD),
    }
)
UNKNOWN = Keying(Unit.NOTHING)
# Keywords, besides ``layers``, whose values are layers of the graph.
LAYER_KEYWORDS = ("loss_layer_names",)
# Algorithms of which at most one can be enabled.
EXCLUSIVE_ALGORITHMS = ("adaround", "finetune")

# Stands for the statement itself among its settings: that it is there at all.
PRESENCE = ""
Key: TypeAlias = tuple[Any, ...]
Scope: TypeAlias = "frozenset[str] | None"


@dataclass(frozen=True)
class Settings:
    """What one statement sets.

    Parameters
    ----------
    statement : the statement.
    keying : how its command relates to others.
    key : equal for statements that speak about the same thing.
    scope : scoped names of the layers it is about, names the graph does not know as they are;
        None for the network as a whole.
    values : what is set, by keyword.
    """

    statement: Statement
    keying: Keying
    key: Key
    scope: Scope
    values: Mapping[str, Any]

    def names(self, layer: str | None) -> bool:
        """Whether it is about this layer in particular."""
        return self.scope is not None and layer in self.scope

    def meets(self, other: Settings) -> bool:
        """Whether some layer is concerned by both."""
        if self.scope is None or other.scope is None:
            return True
        return not self.scope.isdisjoint(other.scope)

    @property
    def uses_patterns(self) -> bool:
        """Whether it names layers by pattern; more may match once the graph is modified."""
        argument = layer_argument(self.statement)
        return argument is not None and _has_glob(argument.value)


def settings_of(statement: Statement, network: Network) -> Settings:
    """Take a statement apart."""
    keying = KEYINGS.get(statement.command, UNKNOWN)
    layers = layer_argument(statement)
    rest = [argument for argument in statement.args if argument is not layers]
    features = tuple(argument.value for argument in rest if argument.name is None)
    keywords = {argument.name: argument.value for argument in rest if argument.name}
    if keying.unit is Unit.KEYWORD:
        key: Key = (statement.command, features)
        values: dict[str, Any] = {PRESENCE: True, **keywords}
    elif keying.unit is Unit.STATEMENT:
        key, values = (statement.command,), {PRESENCE: (features, keywords)}
    else:
        key, values = (statement.command, statement.positional, keywords), {PRESENCE: True}
    return Settings(statement, keying, key, _scope(statement, keying, network), values)


def algorithm(statement: Statement) -> str | None:
    """Which of the algorithms that exclude each other a statement configures."""
    if statement.command != "post_quantization_optimization":
        return None
    return next((str(v) for v in statement.positional if v in EXCLUSIVE_ALGORITHMS), None)


def enables(statement: Statement) -> bool | None:
    """Whether a statement switches its algorithm on or off; None if it does neither."""
    if "policy" not in statement.keywords:
        return None
    policy = statement.keywords["policy"]
    return policy is True or folded(policy) == "enabled"


def _scope(statement: Statement, keying: Keying, network: Network) -> Scope:
    if layer_argument(statement) is not None:
        return frozenset(addressed_layers(statement, network)) | frozenset(
            unknown_layers(statement, network)
        )
    if not keying.on_inputs:
        return None
    if statement.command == "normalization":
        (line,) = normalizations(ModelScript(statement.text, (statement,)))
        return frozenset(normalized_inputs(len(line.mean), network)) or None
    return frozenset(layer.name for layer in network.input_layers) or None


def normalized_inputs(
    constants: int, network: Network, converted: Collection[int] = ()
) -> tuple[str, ...]:
    """Names of the inputs that a normalization which names none is about.

    It is about those with as many channels as it has constants; about all where none has, since
    then it is wrong for each of them.

    Parameters
    ----------
    constants : how many means it has.
    converted : channels that an input may have where it is normalized, beside its own.
    """
    fitting = tuple(
        layer.name
        for layer in network.input_layers
        if constants == layer.output_shape[2] or constants in converted
    )
    return fitting or tuple(layer.name for layer in network.input_layers)


def _has_glob(value: object) -> bool:
    return isinstance(value, GlobSet) or (
        isinstance(value, tuple) and any(_has_glob(item) for item in value)
    )


def referenced_names(statement: Statement) -> tuple[str, ...]:
    """Names, not patterns, by which a statement refers to layers in other keywords."""
    return tuple(
        name
        for keyword in LAYER_KEYWORDS
        if keyword in statement.keywords
        for name in names_in(statement.keywords[keyword])
    )
