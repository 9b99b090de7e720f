"""What the quantized network computes at an output: what the chip is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import BYTE
from utils.har.model import Model
from utils.har.network import Layer, Network, Shape
from utils.har.quantization import Encoding
from utils.measurements.output_kind import SettledKind, WhatIsJudged
from utils.outputs.thresholds import threshold_at
from utils.stages.runs import Samples, StageRun

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Expected:
    """One output of the emulation.

    Parameters
    ----------
    layer : name of the output layer.
    own_names : names of the archive for it: its own, and those of what computes its values.
    original_names : names of the original model for it.
    values : (samples, height, width, channels), float32.
    scales, zero_points : of its codes, (channels,); None where it is not coded.
    highest_code : largest code that there is.
    activation : what its values went through last, such as sigmoid, softmax or linear.
    settled : its kind.
    threshold : what a value has to exceed to fire.
    is_numbered : whether class numbers leave.
    """

    layer: str
    own_names: tuple[str, ...]
    original_names: tuple[str, ...]
    values: NDArray[np.float32]
    scales: Floats | None = None
    zero_points: Floats | None = None
    highest_code: int = 255
    activation: str = "linear"
    settled: SettledKind = field(default_factory=SettledKind)
    threshold: float = 0.5
    is_numbered: bool = False

    @property
    def shape(self) -> Shape:
        """Height, width and channels."""
        height, width, channels = self.values.shape[1:]
        return height, width, channels

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self.values)

    @cached_property
    def codes(self) -> Floats | None:
        """The codes that the values stand for, whole numbers; None where it is not coded."""
        codes = self.codes_of(self.values)
        return None if codes is None else np.rint(codes)

    def codes_of(self, values: NDArray[np.floating]) -> Floats | None:
        """Values in units of codes, not rounded; None where it is not coded."""
        if self.scales is None or self.zero_points is None:
            return None
        return np.asarray(values / self.scales + self.zero_points, np.float64)

    def values_of(self, codes: NDArray[np.number]) -> Floats:
        """What codes stand for; the codes themselves where it is not coded."""
        if self.scales is None or self.zero_points is None:
            return codes.astype(np.float64)
        return np.asarray((codes - self.zero_points) * self.scales, np.float64)

    @property
    def has_scale_per_channel(self) -> bool:
        """Whether channels are coded with different scales or zero points."""
        if self.scales is None or self.zero_points is None:
            return False
        return bool(np.ptp(self.scales) > 1e-6 * self.scales.max() or np.ptp(self.zero_points))

    @property
    def is_of_bytes(self) -> bool:
        """Whether its codes have 8 bits, and not 16."""
        return self.highest_code < BYTE

    def with_values(self, values: NDArray[np.floating]) -> Expected:
        """The same output with other values."""
        return replace(self, values=values.astype(np.float32, copy=False))

    def in_codes(self, values: Floats, scales: Floats, zero_points: Floats) -> Expected:
        """The same output with other values in other codes."""
        return replace(self.with_values(values), scales=scales, zero_points=zero_points)

    def taken(self, samples: NDArray[np.int64]) -> Expected:
        """The same output for some of the samples."""
        return self.with_values(self.values[samples])


def expected_outputs(
    model: Model, quantized: StageRun, samples: Samples, judged: WhatIsJudged
) -> tuple[Expected, ...]:
    """Every output that can be emulated, in the order of the network."""
    network = quantized.network
    outputs = network.output_layers
    found = quantized.run(samples, [output.name for output in outputs])
    return tuple(
        _expected(model, network, output, found[output.name], judged)
        for output in outputs
        if output.name in found
    )


def _expected(
    model: Model,
    network: Network,
    output: Layer,
    values: NDArray[np.float32],
    judged: WhatIsJudged,
) -> Expected:
    producers = network.producers(output)
    coded_at, encoding = _encoding(model, network, output)
    activations = {_activation(layer) for layer in producers}
    return Expected(
        output.name,
        _own_names(network, output, producers),
        tuple(dict.fromkeys(n for x in (output, *producers) for n in x.original_names)),
        np.asarray(values, np.float32),
        *_by_channel(encoding, output.output_shape[2]),
        highest_code=model.highest_code(coded_at),
        activation=activations.pop() if len(activations) == 1 else "linear",
        settled=judged.kind_of(output.name),
        threshold=threshold_at(network, output, judged),
        is_numbered=any(layer.type == "argmax" for layer in producers),
    )


def _activation(layer: Layer) -> str:
    return "softmax" if layer.type == "softmax" else layer.activation


def _own_names(network: Network, output: Layer, producers: Sequence[Layer]) -> tuple[str, ...]:
    """The output layer, the layer in front of it, and what computes the values, in this order."""
    layers = (output, *network.predecessors(output), *producers)
    return tuple(dict.fromkeys(layer.name for layer in layers))


def _encoding(model: Model, network: Network, output: Layer) -> tuple[str, Encoding | None]:
    """Where the codes of an output are described: at it, or in front of it."""
    layer = output
    while True:
        found = model.encoding(layer.name)
        if found is not None and _fits(found, output.output_shape[2]):
            return layer.name, found
        if not layer.is_pass_through or len(layer.inputs) != 1:
            return output.name, None
        (layer,) = network.predecessors(layer)


def _fits(encoding: Encoding, channels: int) -> bool:
    return bool((encoding.steps(channels) > 0).all() and np.isfinite(encoding.zero_points).all())


def _by_channel(encoding: Encoding | None, channels: int) -> tuple[Floats | None, Floats | None]:
    if encoding is None:
        return None, None
    ones = np.ones(channels)
    return encoding.scales * ones, encoding.zero_points * ones
