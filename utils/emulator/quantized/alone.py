"""Single layers of the quantized network, with all that enters them exact."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from utils.emulator.floats.engine import LayerTensors
from utils.emulator.floats.operands import parts_taken
from utils.emulator.quantized.code_passing import passes_codes
from utils.emulator.quantized.coded import Coded, fits
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.emulator.quantized.staged import coded_values
from utils.har.network import Layer

# What they receive is cut into parts: no single tensor leaves them.
SPLITTER_TYPES = frozenset(
    "feature_splitter spatial_splitter width_splitter row_splitter shape_splitter demux".split()
)


def codes_anew(quantized: QuantizedEmulator, name: str) -> bool:
    """Whether a layer codes what it computes; others hand on the codes that they receive."""
    layer, described = quantized.network[name], quantized.coded_layers[name]
    leaving = quantized.output_encoding(layer)
    if leaving is None or layer.type in SPLITTER_TYPES:
        return False
    if described.integers is not None or not layer.inputs:
        return True
    entering = [quantized.coded_layers[source].output for source in layer.inputs]
    return not passes_codes(layer, entering, leaving)


def alone(
    quantized: QuantizedEmulator,
    name: str,
    references: Mapping[str, LayerTensors],
    inputs: Mapping[str, tf.Tensor],
) -> QuantizedTensors | None:
    """What a layer computes when it alone is quantized.

    Its inputs are the float values, coded with the encodings that are stored for them.

    Parameters
    ----------
    references : float tensors by layer.

    Returns
    -------
    None for layers that cannot be run.
    """
    layer = quantized.network[name]
    if name in inputs:
        return quantized.beside(layer, (), inputs)
    if any(source not in references for source in layer.inputs):
        return None
    floats = parts_taken(quantized.network, layer, references)
    operands = [
        _as_stored(quantized, layer, source, tensor)
        for source, tensor in zip(quantized.network.predecessors(layer), floats, strict=True)
    ]
    return quantized.beside(layer, operands, inputs)


def _as_stored(
    quantized: QuantizedEmulator, layer: Layer, source: Layer, tensor: tf.Tensor
) -> Coded:
    before, own = quantized.coded_layers[source.name], quantized.coded_layers[layer.name]
    if before.output is not None and fits(before.output, tensor.shape[3]):
        return Coded(coded_values(tensor, before.output, before.highest_code).codes, before.output)
    # Behind a splitter the encoding of a part is known to its consumer only.
    if own.input is not None and len(layer.inputs) == 1 and fits(own.input, tensor.shape[3]):
        return Coded(coded_values(tensor, own.input, own.highest_input_code).codes, own.input)
    return Coded(tensor, None)
