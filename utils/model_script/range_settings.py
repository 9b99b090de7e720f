"""Lines of a model script that narrow the range which calibration would give a layer."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from utils.facts.script_values import folded
from utils.har.network import Network
from utils.model_script import ModelScript, Statement, addressed_layers, layer_argument

_OF_A_LAYER = ("force_range_out", "activation_clipping_values", "activation_clipping_mode")


def clipping(layer: str, low: float, high: float) -> str:
    """The line that cuts what a layer hands out to a range."""
    return (
        f"pre_quantization_optimization(activation_clipping, layers=[{layer}], mode=manual, "
        f"clipping_values=[{low:.6g}, {high:.6g}])"
    )


def forced_range(layer: str, low: float, high: float) -> str:
    """The line that codes what a layer hands out by a range, whatever calibration saw."""
    return f"quantization_param([{layer}], force_range_out=[{low:.6g}, {high:.6g}])"


def range_settings(
    script: ModelScript | None, network: Network, layers: Collection[str]
) -> tuple[str, ...]:
    """Names of the settings by which a script narrows the range of any of these layers."""
    found = [
        name
        for statement in (script.statements if script else ())
        if _concerns(statement, network, layers)
        for name in _settings(statement)
    ]
    return tuple(dict.fromkeys(found))


def _concerns(statement: Statement, network: Network, layers: Collection[str]) -> bool:
    if layer_argument(statement) is None:
        return True
    return not set(addressed_layers(statement, network)).isdisjoint(layers)


def _settings(statement: Statement) -> Iterator[str]:
    if statement.command == "quantization_param":
        yield from (name for name in _OF_A_LAYER if _is_on(statement, name))
    elif statement.command == "pre_quantization_optimization":
        is_off = folded(statement.keywords.get("mode")) == "disabled"
        if "activation_clipping" in statement.positional and not is_off:
            yield "activation_clipping"


def _is_on(statement: Statement, name: str) -> bool:
    return name in statement.keywords and folded(statement.keywords[name]) != "disabled"
