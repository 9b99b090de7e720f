"""Probabilities that are taken for logits: a second sigmoid or softmax behind the first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.output_contract.script_wishes import computing_layers, statements
from inspectors.script_lines import location
from utils.findings import Finding, Severity
from utils.har.network import Layer, Network
from utils.model_script import Statement, addressed_layers, layer_argument
from utils.outputs.heads import heads
from utils.outputs.probabilities import (
    PROBABILITY_ACTIVATIONS,
    is_probability_maker,
    keeps_probabilities,
    probability_makers,
)
from utils.wording import listed

MAX_NAMED = 3  # pairs of one finding; a report has them all
# Commands of a model script that put a sigmoid or a softmax behind a layer.
ADDING_COMMANDS = ("change_output_activation", "logits_layer")
# Between two softmaxes, these leave a channel a channel, so that both share out the same classes.
_CHANNEL_KEEPING_TYPES = frozenset(
    "shortcut portal l4_portal ddr loopback bucket activation precision_change resize maxpool "
    "avgpool global_avg_pool".split()
)


@dataclass(frozen=True)
class Repeated:
    """A sigmoid or softmax that takes probabilities.

    Parameters
    ----------
    first : layers that make the probabilities.
    second : the layer that takes them for logits.
    """

    first: tuple[Layer, ...]
    second: Layer

    def described(self) -> str:
        """Which function is applied to what, and what is left of it."""
        makers = listed([layer.described() for layer in self.first], MAX_NAMED)
        what = f"{self.second.described()} applies a {_function(self.second)} to what {makers} "
        made = " or ".join(dict.fromkeys(_function(layer) for layer in self.first))
        return f"{what}put{'s' if len(self.first) == 1 else ''} out of a {made}{self._left()}"

    def _left(self) -> str:
        if self.second.type == "softmax":
            classes = self.second.output_shape[2]
            most = math.e / (math.e + classes - 1)
            return f", so none of {classes} classes gets more than {most:.2f}"
        return ", so all values lie in 0.50 to 0.73" if self.second.activation == "sigmoid" else ""


def repeated_activations(context: Context) -> Iterator[Finding]:
    """One finding for all that leaves the network through two such functions in a row."""
    found = _repeated(context.model.network)
    if not found:
        return
    names = dict.fromkeys(x.name for pair in found for x in (*pair.first, pair.second))
    added = _adding_statement(context, set(names))
    yield Finding(
        id="activation-repeated",
        severity=Severity.ERROR,
        headline="Probabilities go through a second sigmoid or softmax",
        evidence=listed([pair.described() for pair in found], MAX_NAMED),
        why="Taken for logits, values from 0 to 1 differ little, so all that leaves is nearly the "
        "same. One of the two is enough.",
        remedy=_remedy(found[0], added),
        layers=tuple(names),
        measured={"repeated": float(len(found))},
        location=location(context, added) if added else None,
    )


def _repeated(network: Network) -> list[Repeated]:
    """Those of which the values leave the network, or are selected from on the chip.

    Inside a network, two gates in a row are how it was trained; at an output they are judged.
    """
    last = {
        maker.name: maker for head in heads(network) for maker in probability_makers(network, head)
    }
    pairs = [Repeated(_taken(network, layer), layer) for layer in last.values()]
    return [pair for pair in pairs if pair.first]


def _taken(network: Network, layer: Layer) -> tuple[Layer, ...]:
    """Layers that make the probabilities which a sigmoid or softmax takes; () if it takes none."""
    if layer.type == "softmax":
        return _shared_out(network, layer)
    if layer.activation not in PROBABILITY_ACTIVATIONS or not keeps_probabilities(layer):
        return ()
    found: dict[str, Layer] = {}
    for source in network.predecessors(layer):
        makers = probability_makers(network, source)
        if not makers:
            return ()
        found.update((maker.name, maker) for maker in makers)
    return tuple(found.values())


def _shared_out(network: Network, softmax: Layer) -> tuple[Layer, ...]:
    """What makes the probabilities that a softmax takes, over the same channels.

    A softmax over one axis behind one over another is another matter, such as rows and columns.
    """
    layer = softmax
    while len(layer.inputs) == 1:
        (layer,) = network.predecessors(layer)
        if is_probability_maker(layer):
            is_alike = layer.type != "softmax" or _groups(layer) == _groups(softmax)
            return (layer,) if is_alike and softmax.output_shape[2] > 1 else ()
        if layer.type not in _CHANNEL_KEEPING_TYPES or layer.activation != "linear":
            return ()
    return ()


def _groups(softmax: Layer) -> object:
    return softmax.params.get("groups", 1)


def _function(layer: Layer) -> str:
    return "softmax" if layer.type == "softmax" else layer.activation


def _adding_statement(context: Context, names: set[str]) -> Statement | None:
    """The line of the script that puts a function behind one of these layers."""
    network = context.model.network
    added = (each for command in ADDING_COMMANDS for each in statements(context, command))
    for statement in added:
        words = {str(value) for value in (*statement.positional, *statement.keywords.values())}
        if not words & {"softmax", *PROBABILITY_ACTIVATIONS}:
            continue
        reached = {
            layer.name
            for name in addressed_layers(statement, network)
            for layer in computing_layers(network, network[name])
        }
        if layer_argument(statement) is None or reached & names:
            return statement
    return None


def _remedy(pair: Repeated, added: Statement | None) -> str:
    makers = listed([layer.name for layer in pair.first], MAX_NAMED)
    removed = (
        f"emove the {_function(pair.second)} of {pair.second.name} or the "
        f"{_function(pair.first[0])} of {makers} from the model, and quantize again."
    )
    if added is None:
        return f"R{removed}"
    line = f"Delete line {added.line} of the model script if it adds one of the two"
    return f"{line}, else r{removed}"
