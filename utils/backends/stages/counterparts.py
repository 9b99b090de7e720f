"""Which tensors of the parsed and the optimized network are to be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from utils.har.network import Layer, Network
from utils.model_script import ModelScript

# Commands that put something between the last layer of the parsed network and an output.
OUTPUT_COMMANDS = ("change_output_activation", "logits_layer", "nms_postprocess")


@dataclass(frozen=True)
class Counterpart:
    """One output in both networks.

    Parameters
    ----------
    output : the output layer of the parsed network.
    parsed, optimized : names of the layers that are compared for it.
    is_before_activation : whether what stands before their activations is compared.
    note : what the script puts behind them, as a sentence; "" for nothing.
    """

    output: Layer
    parsed: str
    optimized: str
    is_before_activation: bool = False
    note: str = ""


def counterparts(
    parsed: Network, optimized: Network, script: ModelScript | None
) -> Iterator[Counterpart]:
    """Outputs of the parsed network for which the optimized one has the same tensor.

    Where the script asks for something behind the last layer, such as a softmax, the tensors in
    front of that are compared: what was asked for is no fault.
    """
    asked = [name for name in OUTPUT_COMMANDS if script is not None and script.commands(name)]
    for output in parsed.output_layers:
        producers = parsed.producers(output)
        names = [producer.name for producer in producers]
        last = producers[0]
        is_single = len(producers) == 1 and last.name in optimized
        if output.name in optimized:
            others = [p.name for p in optimized.producers(optimized[output.name])]
            is_same_activation = not is_single or optimized[last.name].activation == last.activation
            if (names == others and is_same_activation) or not (asked and is_single):
                yield Counterpart(output, output.name, output.name)
                continue
        if is_single:
            yield _in_front(output, last, optimized[last.name], asked)


def _in_front(output: Layer, last: Layer, other: Layer, asked: list[str]) -> Counterpart:
    """What leaves the layer that both networks have in front of an output."""
    command = f"The line {asked[0]} of the model script" if asked else "The optimized network"
    if other.activation != last.activation:
        note = f"{command} puts {other.activation} behind {last.name}, which is compared before it."
        return Counterpart(output, last.name, last.name, is_before_activation=True, note=note)
    note = f"{command} adds a layer behind {last.name}, which is compared in front of it."
    return Counterpart(output, last.name, last.name, note=note)
