"""One weight that is far larger than every other weight of its layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import Context
from utils.findings import Finding, Severity
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.weight_codes import array
from utils.wording import listed

# Times the second largest. In 1,000 layers of trained networks it was 1.6 at most; a bit that
# flips in the exponent of a float makes it 2 at least, and mostly 16 or more.
FAR = 8.0
# Bits that flip in the exponent mostly make it so: no longer a weight that may be, but damage.
DAMAGED = 16.0
FEWEST_WEIGHTS = 64  # of few, one may well be the only one that was trained


def alone(model: Model) -> dict[str, float]:
    """How far the largest float weight is above the second, where far; by layer in graph order."""
    found = {layer.name: _ratio(model, layer) for layer in model.network}
    return {name: ratio for name, ratio in found.items() if ratio >= FAR}


def _ratio(model: Model, layer: Layer) -> float:
    if layer.type not in WEIGHT_TYPES:
        return 0.0
    kernel = array(model.float_parameters.layer(layer.name), "kernel")
    if kernel is None or kernel.size < FEWEST_WEIGHTS or not np.isfinite(kernel).all():
        return 0.0
    sizes = np.abs(kernel).ravel()
    second, largest = np.partition(sizes, sizes.size - 2)[-2:]
    return float(largest / second) if second > 0 else 0.0


def lone_weights(context: Context) -> Iterator[Finding]:
    """Yield one finding on all such layers."""
    ratios = context.model.known(alone)
    if not ratios:
        return
    names = sorted(ratios, key=lambda name: -ratios[name])
    layers = context.model.network
    said = [f"{ratios[name]:,.0f} times the second at {layers[name].described()}" for name in names]
    yield Finding(
        id="weight-alone",
        severity=Severity.ERROR if max(ratios.values()) >= DAMAGED else Severity.WARNING,
        headline="One weight is far larger than all others of its layer",
        evidence=f"the largest float weight is {listed(said, 3)}",
        why="Training does not leave that, but a damaged file or a script that changed weights "
        "does. It also takes the codes of all other weights.",
        remedy=f"Compare the weights of {listed(names, 3)} with those of the trained model, and "
        "export it again if they differ.",
        layers=tuple(name for name in layers.layers if name in ratios),
        measured=ratios,
    )
