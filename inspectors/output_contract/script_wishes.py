"""What a model script asks of layers, with the statement that asks last and so decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from utils.har.network import Layer, Network
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.model_script import Statement, addressed_layers, layer_argument
from utils.outputs.heads import heads
from utils.quantizer.precision_plan import code_sources, hands_codes_on

PROBABILITY_RANGE = (0.0, 1.0)


@dataclass(frozen=True)
class AskedMode:
    """A precision mode that a script asks for, and where."""

    mode: PrecisionMode
    statement: Statement


def statements(context: Context, command: str) -> tuple[Statement, ...]:
    """Statements of the archive's script; () without one."""
    return context.script.commands(command) if context.script else ()


def asked_modes(context: Context) -> dict[str, AskedMode]:
    """Precision modes by name of the layer."""
    found: dict[str, AskedMode] = {}
    for statement in statements(context, "quantization_param"):
        mode = parse_precision_mode(str(statement.keywords.get("precision_mode")))
        if mode is not None:
            names = addressed_layers(statement, context.model.network)
            found.update(dict.fromkeys(names, AskedMode(mode, statement)))
    return found


def forced_to_probabilities(context: Context) -> dict[str, Statement]:
    """Layers whose output is forced to the range 0 to 1, by name."""
    found: dict[str, Statement] = {}
    for statement in statements(context, "quantization_param"):
        if "force_range_out" not in statement.keywords:
            continue
        names = addressed_layers(statement, context.model.network)
        if statement.keywords["force_range_out"] == PROBABILITY_RANGE:
            found.update(dict.fromkeys(names, statement))
        else:
            found = {name: each for name, each in found.items() if name not in names}
    return found


def computing_layers(network: Network, layer: Layer) -> tuple[Layer, ...]:
    """The layer itself, or those whose codes it hands on."""
    return code_sources(network, layer) if hands_codes_on(layer) and layer.inputs else (layer,)


def sigmoids_by_script(context: Context, nms_scores: tuple[Layer, ...]) -> frozenset[str]:
    """Names of the heads whose activation a script turns into a sigmoid.

    Parameters
    ----------
    nms_scores : heads that become scores where there is an `nms_postprocess`; it gives them
        their sigmoid by itself, and the graph does not show it.
    """
    network = context.model.network
    names = {layer.name for layer in heads(network)}
    found: set[str] = set()
    for statement in statements(context, "change_output_activation"):
        changed = names & set(_changed(statement, network, names))
        words = {str(value) for value in (*statement.positional, *statement.keywords.values())}
        (found.update if "sigmoid" in words else found.difference_update)(changed)
    if statements(context, "nms_postprocess") or context.model.archive.nms_configs:
        found.update(layer.name for layer in nms_scores)
    return frozenset(found)


def _changed(statement: Statement, network: Network, all_heads: set[str]) -> Iterator[str]:
    if layer_argument(statement) is None:
        yield from all_heads
    for name in addressed_layers(statement, network):
        yield from (layer.name for layer in computing_layers(network, network[name]))
