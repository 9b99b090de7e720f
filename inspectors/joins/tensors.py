"""How wide the tensors are that meet at a join, and which joins make outputs."""

from __future__ import annotations

import math

from inspectors.base_inspector import Context
from utils.har.network import Layer, Network


def output_concats(network: Network) -> dict[str, tuple[str, ...]]:
    """Names of the outputs that a concat feeds through pass-through layers, by concat."""
    found: dict[str, tuple[str, ...]] = {}
    for output in network.output_layers:
        for producer in network.producers(output):
            if producer.type == "concat":
                found[producer.name] = (*found.get(producer.name, ()), output.name)
    return found


def tensor_width(context: Context, layer: Layer) -> float | None:
    """Width of a tensor's range in real units; 0 if nothing ever passed, None if unknown."""
    ranges = [context.model.calibrated_range(layer.name)]
    measured = context.measured(layer.name)
    if measured is not None:
        ranges.append((min(measured.output.low, 0.0), max(measured.output.high, 0.0)))
    widths = [high - low for low, high in filter(None, ranges)]
    known = [width for width in widths if math.isfinite(width) and width >= 0]
    return next((width for width in known if width > 0), 0.0 if known else None)
