"""Arrays of an archive that hold values with which nothing can be computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from utils.har.model import Model
from utils.har.parameters import LayerParameters

# Other arrays may use infinity as a limit, as tables of activations do.
NEVER_INFINITE = ("kernel", "bias")


def not_finite(model: Model) -> dict[str, tuple[str, ...]]:
    """What is wrong with which arrays, by layer of either graph, in graph order."""
    names = dict.fromkeys((*model.float_network.layers, *model.network.layers))
    members = (model.float_parameters, model.optimized, model.quantized)
    found = {
        name: tuple(dict.fromkeys(fault for each in members for fault in _faults(each.layer(name))))
        for name in names
    }
    return {name: faults for name, faults in found.items() if faults}


def _faults(arrays: LayerParameters) -> Iterator[str]:
    for suffix in arrays:
        values = arrays[suffix]
        if values.dtype.kind != "f" or np.isfinite(values).all():
            continue
        if np.isnan(values).any():
            yield f"NaN in {suffix}"
        elif suffix in NEVER_INFINITE and np.isinf(values).any():
            yield f"infinity in {suffix}"
