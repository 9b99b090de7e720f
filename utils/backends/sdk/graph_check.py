"""Whether the SDK holds the network that the archive describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from utils.backends.sdk.differences import graph_of, linear_activation, value_of
from utils.har.model import Model
from utils.wording import listed, printable

SCALES = "layer_params/output_scales"
TOLERANCE = 1e-5  # of a scale, which archives keep in float32


def disagreements(runner: Any, model: Model) -> Iterator[str]:
    """Sentences on where the SDK's view of the network differs from the archive's.

    Parameters
    ----------
    runner : a ClientRunner that has loaded the archive; what it does not offer is not compared.
    """
    yield from _layers(graph_of(runner), model)
    yield from _activations(runner, model)
    yield from _scales(runner, model)


def _layers(graph: Mapping[str, Any], model: Model) -> Iterator[str]:
    layers = graph.get("layers")
    if not isinstance(layers, Mapping) or not layers:
        return
    held = {str(name) for name in layers}
    stored = set(model.network.layers)
    if missing := sorted(stored - held):
        yield f"the SDK does not know {_named(missing)} of the archive's graph"
    if added := sorted(held - stored):
        yield f"the SDK has {_named(added)}, which the archive's graph does not have"


def _activations(runner: Any, model: Model) -> Iterator[str]:
    """Layers that have an activation for one of them, and none for the other."""
    linear = linear_activation()
    graph = getattr(runner, "get_hn_model", None)
    if linear is None or graph is None:
        return
    differing = [
        layer.name
        for layer in graph().stable_toposort()
        if layer.name in model.network
        and getattr(layer, "activation", None) is not None
        and (layer.activation == linear) != (model.network[layer.name].activation == "linear")
    ]
    if differing:
        yield f"the SDK and the archive do not agree whether {_named(differing)} has an activation"


def _scales(runner: Any, model: Model) -> Iterator[str]:
    read = getattr(runner, "get_params_translated", None)
    parameters = read() if read is not None else {}
    differing = []
    for layer in model.network:
        encoding = model.encoding(layer.name)
        try:
            held = value_of(parameters[layer.name], SCALES)
        except (KeyError, TypeError):  # input and output layers may be missing
            continue
        if encoding is not None and held is not None and not _close(held, encoding.scales):
            differing.append(layer.name)
    if differing:
        yield f"the SDK codes the output of {_named(differing)} with other scales than stored"


def _close(held: Any, stored: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    scales = np.asarray(held, dtype=np.float64).ravel()
    if scales.size != stored.size and 1 not in (scales.size, stored.size):
        return False
    return bool(np.allclose(scales, stored, rtol=TOLERANCE, atol=0))


def _named(names: list[str]) -> str:
    return listed([printable(name) for name in names])
