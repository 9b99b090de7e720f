"""Which layers of a quantized network hand on codes instead of coding anew."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from utils.emulator.operations.registry import operation_for
from utils.emulator.quantized.coded import Coded, is_same, is_uniform
from utils.har.network import Layer
from utils.har.quantization import Encoding

# Layers that do the same to codes as to what the codes stand for; padding would have to know 0.
CODE_TYPES = frozenset(
    "output_layer shortcut format_conversion portal l4_portal ddr loopback bucket output_mux slice "
    "depth_to_space space_to_depth feature_shuffle maxpool concat resize".split()
)
# Of these, the types that leave every channel where it is.
CHANNELWISE_TYPES = frozenset(
    "output_layer shortcut portal l4_portal ddr loopback bucket maxpool resize".split()
)
# Types that TensorFlow computes in floating point only, or that pad with minus infinity.
FLOAT_TYPES = frozenset(["maxpool", "resize"])


def passes_codes(
    layer: Layer, entering: Sequence[Encoding | None], leaving: Encoding | None
) -> bool:
    """Whether a layer hands on the codes it receives, as they are.

    Parameters
    ----------
    entering : encodings of its operands.
    leaving : encoding of its output.
    """
    if layer.type not in CODE_TYPES or layer.activation != "linear" or leaving is None:
        return False
    if layer.type == "resize" and not layer.is_pass_through:
        return False
    if layer.type not in CHANNELWISE_TYPES and not is_uniform(leaving):
        return False
    return all(encoding is not None and is_same(encoding, leaving) for encoding in entering)


def passed_codes(layer: Layer, operands: Sequence[Coded]) -> tf.Tensor:
    """The codes that a layer hands on, where `passes_codes` says so."""
    types = {operand.codes.dtype for operand in operands}
    if layer.type not in FLOAT_TYPES and len(types) == 1:
        return operation_for(layer)(layer, {}, [operand.codes for operand in operands])
    codes = operation_for(layer)(layer, {}, [operand.in_float for operand in operands])
    return tf.cast(codes, tf.uint8) if types == {tf.uint8} else codes


def averages_codes(layer: Layer, operands: Sequence[Coded], leaving: Encoding | None) -> bool:
    """Whether a layer averages codes that mean the same before and behind it."""
    if layer.type not in ("avgpool", "global_avg_pool") or layer.activation != "linear":
        return False
    if layer.params.get("padding", "VALID") != "VALID" or leaving is None:
        return False
    return all(o.encoding is not None and is_same(o.encoding, leaving) for o in operands)
