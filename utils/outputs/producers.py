"""What computes the values of an output."""

from __future__ import annotations

from utils.har.network import Layer, Network

# An index or a selection leaves these layers, for which a signal-to-noise ratio says nothing.
SELECTING_TYPES = frozenset("nms argmax postprocess bbox_decoder proposal_generator".split())
# Division by the length of a vector: what makes an embedding of it.
LENGTH_TYPES = frozenset({"reduce_l2", "reduce_sum_square"})


def joined_producers(network: Network, output: Layer) -> list[Layer]:
    """Layers that compute values of an output, found by walking back over concats as well."""
    found: dict[str, Layer] = {}
    pending = [output]
    while pending:
        for layer in network.producers(pending.pop(0)):
            if layer.type == "concat" and layer.inputs:
                pending.extend(network.predecessors(layer))
            else:
                found[layer.name] = layer
    return list(found.values())


def class_number_layers(network: Network) -> frozenset[str]:
    """Every argmax, and the outputs through which it names classes."""
    choosing = (layer.name for layer in network if layer.type == "argmax")
    return class_number_outputs(network).union(choosing)


def class_number_outputs(network: Network) -> frozenset[str]:
    """Output layers through which an argmax names classes: numbers of which an SNR says nothing."""
    return frozenset(
        output.name
        for output in network.output_layers
        if any(layer.type == "argmax" for layer in network.producers(output))
    )


def adds_an_input(network: Network, layer: Layer) -> bool:
    """Whether a layer adds what it computes to an input of the network, scaled or resized at most.

    Networks that denoise, sharpen or enlarge pictures compute only what has to change.
    """
    if layer.type == "ew_add":
        summands = network.predecessors(layer)
    elif layer.params.get("elementwise_add"):
        summands = network.predecessors(layer)[1:]
    else:
        return False
    return any(_is_an_input(network, summand) for summand in summands)


def _is_an_input(network: Network, layer: Layer) -> bool:
    seen: set[str] = set()
    while layer.name not in seen and len(layer.inputs) == 1 and _is_alike(layer):
        seen.add(layer.name)
        (layer,) = network.predecessors(layer)
    return layer.type == "input_layer"


def _is_alike(layer: Layer) -> bool:
    """Whether a picture that enters leaves as a picture."""
    return layer.is_pass_through or layer.type in ("normalization", "resize")


def is_normalized(network: Network, layer: Layer) -> bool:
    """Whether a vector leaves that was brought to a set length or spread."""
    while layer.type == "normalization" and len(layer.inputs) == 1:
        # Scale and offset that belong to the layer normalization in front of it.
        (layer, *others) = network.producers(network.predecessors(layer)[0])
        if others:
            return False
    if layer.type == "layer_normalization":
        return True
    return layer.type in ("ew_div", "ew_mult") and _takes_a_length(network, layer)


def _takes_a_length(network: Network, layer: Layer) -> bool:
    """Whether one factor is the length of a vector, possibly behind a root or an inverse."""
    pending = list(network.predecessors(layer))
    seen: set[str] = set()
    while pending:
        factor = pending.pop()
        if factor.type in LENGTH_TYPES:
            return True
        is_simple = factor.is_pass_through or factor.type in ("activation", "resize")
        if is_simple and factor.name not in seen:
            seen.add(factor.name)
            pending.extend(network.predecessors(factor))
    return False
