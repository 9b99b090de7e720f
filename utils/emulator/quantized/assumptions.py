"""What the quantized run rests on where no document states it; each sentence once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from utils.har.network import Layer, Network
from utils.quantizer.integers import VERIFIED_TYPES, CodedLayer

LARGEST_4_BIT = 8

_Applies = Callable[[Layer, CodedLayer], bool]


def _runs_integers(layer: Layer, coded: CodedLayer) -> bool:
    return coded.integers is not None


def _is_analogous(layer: Layer, coded: CodedLayer) -> bool:
    return coded.integers is not None and layer.type not in VERIFIED_TYPES


def _pads_a_zero_point(layer: Layer, coded: CodedLayer) -> bool:
    pads = layer.params.get("padding", "VALID") != "VALID"
    has_zero_point = coded.input is not None and bool(coded.input.zero_points.any())
    return coded.integers is not None and pads and has_zero_point


def _adds_in_integers(layer: Layer, coded: CodedLayer) -> bool:
    return coded.integers is not None and bool(layer.params.get("elementwise_add"))


def _has_groups(layer: Layer, coded: CodedLayer) -> bool:
    return coded.integers is not None and len(coded.integers.table.channels) > 1


def _has_4_bit_weights(layer: Layer, coded: CodedLayer) -> bool:
    if coded.integers is None or "_w4" not in str(layer.quantization_params.get("precision_mode")):
        return False
    return bool(np.abs(coded.integers.kernel).max(initial=0) <= LARGEST_4_BIT)


_SENTENCES: tuple[tuple[_Applies, str], ...] = (
    (
        _runs_integers,
        "halves are taken to round to even, and the accumulator's shift to drop no bits before "
        "the output stage",
    ),
    (_is_analogous, "the integers of dw and normalization are taken to follow the rules of conv"),
    (_pads_a_zero_point, "a padded pixel is taken to carry the zero point of the input"),
    (_adds_in_integers, "a second input is taken to be added to the sum, rounded to its units"),
    (_has_groups, "quantization groups are taken to be runs of channels, each with its own table"),
    (_has_4_bit_weights, "4-bit weights are taken to be stored as one integer each, -8 to 7"),
)


def quantized_assumptions(
    network: Network, coded_layers: Mapping[str, CodedLayer]
) -> tuple[str, ...]:
    """Sentences that apply to any layer of the quantized graph."""
    return tuple(
        sentence
        for applies, sentence in _SENTENCES
        if any(applies(layer, coded_layers[layer.name]) for layer in network)
    )
