"""SiLU and its relative with a factor inside, which becomes several layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.wording import listed, plural


class ActivationInspector(BaseInspector):
    """Are there activation functions that cost accuracy or time: SiLU, or Swish with a factor?

    SiLU, x * sigmoid(x), was long suspected to quantize badly. The numbers published for Hailo's
    model zoo do not bear that out: YOLOv8 with SiLU typically loses 1.35 %, YOLOX with leaky ReLU
    3.6 %. So it is listed, no more. Swish with a factor, x * sigmoid(beta * x), is another
    matter: the parser has no single layer for it and makes a `normalization` with sigmoid and
    an `ew_mult` of it, each with a quantization of its own. This inspector reads the graph
    only and needs no data.

    - `silu-activation` (info): layers with SiLU. Nothing needs to be done.
    - `swish-block` (warning): Swish with a factor, x * sigmoid(beta * x), runs as two layers: a
      normalization with sigmoid, and a multiplication by its own input. With beta = 1 the parser
      fuses both into one layer, SiLU, but the network has to be retrained so; otherwise look at the
      SNR of the multiplication.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.NOTHING

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for all SiLU layers and one for all Swish blocks."""
        network = context.model.network
        silu = [layer for layer in network if layer.activation == "silu"]
        if silu:
            yield Finding(
                id="silu-activation",
                severity=Severity.INFO,
                headline="Layers have the SiLU activation",
                evidence=f"{plural(len(silu), 'layer')}: "
                f"{listed([layer.described() for layer in silu], 3)}",
                why="By Hailo's own published numbers it costs little accuracy.",
                layers=tuple(layer.name for layer in silu),
                measured={"layers": float(len(silu))},
            )
        blocks = swish_blocks(network)
        if blocks:
            yield self._swish_block(context.model, blocks)

    def _swish_block(self, model: Model, blocks: list[tuple[Layer, Layer]]) -> Finding:
        factors = {f"beta of {gate.name}": swish_factor(model, gate) for gate, _ in blocks}
        known = {name: factor for name, factor in factors.items() if factor is not None}
        said = [f"{product.described()} of {gate.described()}" for gate, product in blocks]
        return Finding(
            id="swish-block",
            severity=Severity.WARNING,
            headline="Swish with a factor runs as two layers, each quantized by itself",
            evidence=f"{plural(len(blocks), 'block')} x * sigmoid(beta * x)"
            f"{_factors_in_words(known)}: {listed(said, 3)}",
            why="With beta = 1 the parser makes one layer of it, SiLU.",
            remedy="Train the network with SiLU instead if much noise is added there.",
            layers=tuple(
                name
                for name in model.network.layers
                if any(name in (gate.name, product.name) for gate, product in blocks)
            ),
            measured={"blocks": float(len(blocks)), **known},
        )


def swish_blocks(network: Network) -> list[tuple[Layer, Layer]]:
    """Pairs of a gate, sigmoid(beta * x), and the ew_mult that multiplies it by the same x."""
    return [
        (gate, product)
        for product in network
        if product.type == "ew_mult" and len(product.inputs) == 2
        for gate, other in _operands_both_ways(network, product)
        if _is_gate(gate) and _linear_source(network, gate) == _producer(network, other)
    ]


def _operands_both_ways(network: Network, product: Layer) -> Iterator[tuple[Layer, Layer]]:
    first, second = (_producer(network, layer) for layer in network.predecessors(product))
    yield first, second
    yield second, first


def _producer(network: Network, layer: Layer) -> Layer:
    return network.producers(layer)[0]


def _is_gate(layer: Layer) -> bool:
    return layer.type == "normalization" and layer.activation == "sigmoid"


def _linear_source(network: Network, gate: Layer) -> Layer | None:
    """Layer whose output a gate takes; None if that is no longer the bare sum it computed."""
    if len(gate.inputs) != 1:
        return None
    source = _producer(network, network.predecessors(gate)[0])
    return source if source.activation == "linear" else None


def swish_factor(model: Model, gate: Layer) -> float | None:
    """Mean of beta over the channels of a gate; None where its kernel is not stored."""
    arrays = model.float_parameters.layer(gate.name)
    if "kernel" not in arrays or not arrays["kernel"].size:
        return None
    factor = float(np.mean(arrays["kernel"], dtype=np.float64))
    return factor if np.isfinite(factor) else None


def _factors_in_words(known: dict[str, float]) -> str:
    if not known:
        return ""
    low, high = min(known.values()), max(known.values())
    return f" with beta {low:.4g}" + ("" if low == high else f" to {high:.4g}")
