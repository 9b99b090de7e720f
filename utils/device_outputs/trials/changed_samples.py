"""Samples as host code may have given them to the chip instead of those that were meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.errors import ScriptError
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.model_script import normalizations, parse_model_script
from utils.stages.runs import Samples

Floats = NDArray[np.float64]
PIXEL = 255.0
BRIGHTEST = 1.5  # values up to 1 are scaled images; those of pixels reach much farther


@dataclass(frozen=True, eq=False)
class ChangedSamples:
    """Samples with a fault.

    Parameters
    ----------
    word : name of the fault.
    evidence : what was done to them; a clause.
    samples : by name of the input layer.
    """

    word: str
    evidence: str
    samples: Samples


@dataclass(frozen=True, eq=False)
class InputFacts:
    """What is known of an input.

    Parameters
    ----------
    encoding : of its codes; None where the archive records none.
    mean, std : of its normalization on the chip, (channels,); None without one.
    """

    encoding: Encoding | None = None
    mean: Floats | None = None
    std: Floats | None = None


def input_facts(model: Model, network: Network) -> dict[str, InputFacts]:
    """What is known of every input, by name of the layer."""
    found = {}
    for layer in network.input_layers:
        constants = _by_layer(model, layer.name) or _by_script(model, layer)
        encoding = model.encoding(layer.name)
        found[layer.name] = InputFacts(encoding, *(constants or (None, None)))
    return found


def _by_layer(model: Model, name: str) -> tuple[Floats, Floats] | None:
    """Constants of the normalization layer that stands behind an input."""
    network = model.float_network
    if name not in network:
        return None
    behind = network.successors(network[name])
    if len(behind) != 1 or behind[0].type != "normalization" or behind[0].activation != "linear":
        return None
    arrays = model.float_parameters.layer(behind[0].name)
    channels = network[name].output_shape[2]
    if "kernel" not in arrays or "bias" not in arrays:
        return None
    kernel, bias = (np.asarray(arrays[k], np.float64).ravel() for k in ("kernel", "bias"))
    if kernel.size != channels or bias.size != channels or not (np.abs(kernel) > 0).all():
        return None
    return -bias / kernel, 1 / kernel


def _by_script(model: Model, layer: Layer) -> tuple[Floats, Floats] | None:
    """Constants of a normalization that the compiler fused into the first convolution."""
    try:
        script = parse_model_script(model.script_text or "")
    except ScriptError:
        return None
    lines = normalizations(script)
    if len(lines) != 1 or lines[0].input_layer not in (None, layer.name, layer.base_name):
        return None
    mean, std = (np.asarray(v, np.float64) for v in (lines[0].mean, lines[0].std))
    channels = layer.output_shape[2]
    return (mean, std) if mean.size == std.size == channels and std.all() else None


def with_every_input(
    word: str, evidence: str, samples: Samples, changed: Mapping[str, NDArray[np.floating]]
) -> Iterator[ChangedSamples]:
    """Samples in which some inputs are changed; nothing where none is."""
    really = {name: v for name, v in changed.items() if not np.array_equal(v, samples[name])}
    if really:
        yield ChangedSamples(word, evidence, {**samples, **really})


def are_pixels(values: NDArray[np.number]) -> bool:
    """Whether values are those of pixels from 0 to 255."""
    return bool(values.min() >= 0 and BRIGHTEST < values.max() <= PIXEL)


def are_scaled(values: NDArray[np.number]) -> bool:
    """Whether values are those of pixels divided by 255."""
    return bool(values.min() >= 0 and values.max() <= BRIGHTEST)
