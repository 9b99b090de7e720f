"""Samples as host code may have given them to the chip instead of those that were meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import ScriptError
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.model_script import normalizations, parse_model_script
from utils.stages.runs import Samples

Floats = NDArray[np.float64]
Array = NDArray[np.floating]
Changed = Callable[[slice], Array]  # some frames of an input, each changed by itself
PIXEL = 255.0
BRIGHTEST = 1.5  # values up to 1 are scaled images; those of pixels reach much farther


@dataclass(frozen=True, eq=False)
class ChangedSamples:
    """Samples with a fault, which are made when they are asked for.

    Parameters
    ----------
    word : name of the fault.
    evidence : what was done to them; a clause.
    meant : as they are without it, by name of the input layer.
    changed : frames with the fault, by name of those inputs that have it.
    """

    word: str
    evidence: str
    meant: Samples
    changed: Mapping[str, Changed]

    @property
    def samples(self) -> Samples:
        """All of them."""
        return self._some(slice(None))

    @property
    def first_frame(self) -> Samples:
        """The first of them alone."""
        return self._some(slice(1))

    def _some(self, frames: slice) -> Samples:
        others = {name: values[frames] for name, values in self.meant.items()}
        return {**others, **{name: change(frames) for name, change in self.changed.items()}}


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


def as_codes(codes: Floats, facts: InputFacts) -> Floats:
    """What the chip takes bytes for: codes of its input."""
    encoding = facts.encoding
    if encoding is None or not (encoding.steps(codes.shape[3]) > 0).all():
        return codes
    return (codes - encoding.zero_points) * encoding.steps(codes.shape[3])


def by_frame(values: NDArray[Any], change: Callable[[Any], Array]) -> Changed:
    """What a function of frames makes of some of them."""
    return lambda frames: change(values[frames])


def with_every_input(
    word: str, evidence: str, samples: Samples, changed: Mapping[str, Changed]
) -> Iterator[ChangedSamples]:
    """Samples in which some inputs are changed; nothing where none is."""
    really = {name: change for name, change in changed.items() if _differs(samples[name], change)}
    if really:
        yield ChangedSamples(word, evidence, samples, really)


def _differs(values: NDArray[Any], change: Changed) -> bool:
    """Whether a change of frames changes any; mostly the first one tells."""
    frames = (slice(place, place + 1) for place in range(len(values)))
    return any(not np.array_equal(change(frame), values[frame]) for frame in frames)


def are_pixels(values: NDArray[np.number]) -> bool:
    """Whether values are those of pixels from 0 to 255."""
    return bool(values.min() >= 0 and BRIGHTEST < values.max() <= PIXEL)


def are_scaled(values: NDArray[np.number]) -> bool:
    """Whether values are those of pixels divided by 255."""
    return bool(values.min() >= 0 and values.max() <= BRIGHTEST)
