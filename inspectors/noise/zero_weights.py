"""Layers whose weights are all 0, behind which no sample differs from another."""

from __future__ import annotations

from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.weight_codes import array


def cut_off_by(model: Model, output: Layer) -> tuple[Layer, ...]:
    """Layers without weights that keep an output from seeing any input; () where it sees one."""
    network = model.network
    found: dict[str, Layer] = {}
    pending, seen = [output], {output.name}
    while pending:
        layer = pending.pop()
        if layer.type == "input_layer":
            return ()
        is_zero = has_zero_weights(model, layer)
        if is_zero:
            found[layer.name] = layer
        # What a fused addition adds passes by the weights.
        sources = layer.inputs[1:] if is_zero else layer.inputs
        new = dict.fromkeys(name for name in sources if name not in seen)
        seen.update(new)
        pending += [network[name] for name in new]
    return tuple(layer for layer in network if layer.name in found)


def has_zero_weights(model: Model, layer: Layer) -> bool:
    """Whether all float weights of a layer are 0, as where no trained ones were loaded."""
    if layer.type not in WEIGHT_TYPES:
        return False
    kernel = array(model.float_parameters.layer(layer.name), "kernel")
    return kernel is not None and kernel.size > 0 and not kernel.any()
