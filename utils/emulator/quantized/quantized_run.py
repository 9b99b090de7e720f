"""The quantized engine: the integers of an archive, layer by layer, as compiled functions.

Layers whose integers are known run as the hardware runs them. Every other layer runs as float
operation on dequantized inputs, and its output is coded with the stored scales and zero points.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import tensorflow as tf

from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.layer_function import Results
from utils.emulator.floats.lifetimes import last_readers
from utils.emulator.floats.operands import parts_taken
from utils.emulator.operations.registry import operation_for
from utils.emulator.quantized.assumptions import quantized_assumptions
from utils.emulator.quantized.code_passing import averages_codes, passed_codes, passes_codes
from utils.emulator.quantized.coded import Coded, fits, held
from utils.emulator.quantized.integer_layers import IntegerLayers
from utils.emulator.quantized.limits import Limits
from utils.emulator.quantized.staged import Staged, coded_values
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.quantizer.integers import CodedLayer


@dataclass(frozen=True, eq=False)
class QuantizedTensors:
    """What a layer of the quantized network computes.

    Parameters
    ----------
    output : what leaves the layer; of a splitter, what enters it.
    parts : what each successor receives, in their order.
    limits : counts what passed a limit; None where nothing was coded anew.
    """

    output: Coded
    parts: tuple[Coded, ...]
    limits: Callable[[], Limits] | None = None


class _Computed(NamedTuple):
    """The same of a layer without integers; `uncoded` are real values, still to become codes."""

    output: Coded | None
    parts: tuple[Coded, ...] = ()
    uncoded: tf.Tensor | None = None


class QuantizedEmulator:
    """Runs a quantized graph beside the float graph that it was made from.

    Attributes
    ----------
    network : the quantized graph.
    coded_layers : encodings and integers by layer.
    not_measured : reason by name, for layers that cannot be run; complete after a forward pass.
    in_float : reason by name, for layers with weights that do not run as integers; likewise.
    """

    def __init__(
        self, floats: FloatEmulator, network: Network, coded_layers: Mapping[str, CodedLayer]
    ) -> None:
        """Take the float engine, whose operations run what has no integers."""
        self.network = network
        self.coded_layers = coded_layers
        self.not_measured: dict[str, str] = {}
        self.in_float = {name: c.in_float for name, c in coded_layers.items() if c.in_float}
        self._floats = floats
        self._integers = IntegerLayers(network, coded_layers)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed about the integers, each once."""
        return quantized_assumptions(self.network, self.coded_layers)

    def references(self, floats: Mapping[str, LayerTensors]) -> dict[str, LayerTensors]:
        """Float tensors by layer of the quantized graph.

        What the compiler inserted to change the precision passes on what it receives.
        """
        found: dict[str, LayerTensors] = {}
        for layer in self.network:
            if layer.name in floats:
                found[layer.name] = floats[layer.name]
            elif (passed := self.passed_on(layer, found)) is not None:
                found[layer.name] = passed
        return found

    def passed_on(self, layer: Layer, floats: Mapping[str, LayerTensors]) -> LayerTensors | None:
        """Float tensors of what the compiler inserted; None for what does more than pass on."""
        if not layer.is_pass_through or len(layer.inputs) != 1 or layer.inputs[0] not in floats:
            return None
        (tensor,) = parts_taken(self.network, layer, floats)
        return LayerTensors(tensor, tensor, (tensor,) * max(len(layer.outputs), 1))

    def forward(
        self,
        inputs: Mapping[str, tf.Tensor],
        unchanged: Mapping[str, QuantizedTensors] | None = None,
        changed: Collection[str] = (),
        kept: Collection[str] | None = None,
    ) -> dict[str, QuantizedTensors]:
        """Everything quantized, by layer.

        Parameters
        ----------
        inputs : float32 tensor (batch, height, width, channels) by name of the input layer.
        unchanged : of another run; what no layer of `changed` reaches is taken from there.
        kept : layers whose tensors are wanted, by default all; others are freed on the way.
        """
        freed = {} if kept is None else last_readers(self.network, self.network, kept)
        computed: dict[str, QuantizedTensors] = {}
        unchanged = unchanged or {}
        reached: set[str] = set()
        for layer in self.network:
            is_new = layer.name in changed or layer.name not in unchanged
            if is_new or not reached.isdisjoint(layer.inputs):
                reached.add(layer.name)
                self.compute(layer, inputs, computed)
            else:
                computed[layer.name] = unchanged[layer.name]
            for name in freed.get(layer.name, ()):
                computed.pop(name, None)
        return computed

    def compute(
        self, layer: Layer, inputs: Mapping[str, tf.Tensor], computed: dict[str, QuantizedTensors]
    ) -> None:
        """Add a layer to what was computed before it, or the reason to `not_measured`."""
        missing = next((name for name in layer.inputs if name in self.not_measured), None)
        if missing is not None:
            self.not_measured[layer.name] = f"depends on {missing}, which was not run"
            return
        try:
            if layer.name in inputs:
                computed[layer.name] = self._entering(layer, inputs[layer.name])
            else:
                operands = parts_taken(self.network, layer, computed)
                computed[layer.name] = self._quantized(layer, operands, inputs)
        except UnsupportedLayerError as error:
            self.not_measured[layer.name] = str(error)

    def _quantized(
        self, layer: Layer, operands: Sequence[Coded], inputs: Mapping[str, tf.Tensor]
    ) -> QuantizedTensors:
        """What a layer makes of its operands, by the function that was compiled for them."""
        described = self.coded_layers[layer.name]
        entering = self._input_encoding(layer, operands)
        leaving = self.output_encoding(layer)
        if described.integers is not None:
            if entering is not None and leaving is not None:
                functions = self._floats.functions
                staged = self._integers.staged(functions, layer, entering, operands)
                return _from_stage(layer, staged, leaving)
            side = "input" if entering is None else "output"
            self.in_float[layer.name] = f"no usable encoding is stored for its {side}"
        if not operands:
            return self._finished(layer, self._computed(layer, operands, inputs))
        return self._compiled(layer, operands, partial(self._computed, layer))

    def _compiled(
        self,
        layer: Layer,
        operands: Sequence[Coded],
        compute: Callable[[Sequence[Coded]], _Computed],
    ) -> QuantizedTensors:
        encodings = [operand.encoding for operand in operands]

        def results(codes: Sequence[tf.Tensor]) -> tuple[Results, list[Encoding | None]]:
            found = compute([Coded(c, e) for c, e in zip(codes, encodings, strict=True)])
            coded = () if found.output is None else (found.output, *found.parts)
            return [found.uncoded, *(c.codes for c in coded)], [c.encoding for c in coded]

        depends_on = (layer, self.coded_layers[layer.name], *encodings)
        tensors = [operand.codes for operand in operands]
        function = self._floats.functions.of(depends_on, results, tensors)
        uncoded, *codes = function(tensors)
        if not codes:
            return self._finished(layer, _Computed(None, uncoded=uncoded))
        output, *parts = [Coded(c, e) for c, e in zip(codes, function.note, strict=True)]
        shared = [output if part.codes is output.codes else part for part in parts]
        return QuantizedTensors(output, tuple(shared))

    def _finished(self, layer: Layer, computed: _Computed) -> QuantizedTensors:
        if computed.output is not None:
            return QuantizedTensors(computed.output, computed.parts)
        leaving = self.output_encoding(layer)
        if leaving is None:
            raise ValueError(f"{layer.name} has no encoding for what is to be coded")
        highest_code = self.coded_layers[layer.name].highest_code
        return _from_stage(layer, coded_values(computed.uncoded, leaving, highest_code), leaving)

    def bare_sums(self, layer: Layer, operands: Sequence[Coded]) -> tf.Tensor | None:
        """What the accumulators of a layer hold but for the bias; None where it runs in float.

        Raises
        ------
        UnsupportedLayerError : the layer cannot be run.
        """
        integers, entering = self.coded_layers[layer.name].integers, None
        if integers is not None:
            entering = self._input_encoding(layer, operands)
        if entering is None or self.output_encoding(layer) is None:
            return None
        return self._integers.bare_sums(self._floats.functions, layer, entering, operands)

    def from_bare_sums(self, layer: Layer, bare_sums: tf.Tensor) -> QuantizedTensors:
        """What a layer makes of sums that `bare_sums` gave."""
        leaving = self.output_encoding(layer)
        assert leaving is not None
        return _from_stage(layer, self._integers.staged_from(layer, bare_sums), leaving)

    def _computed(
        self,
        layer: Layer,
        operands: Sequence[Coded],
        inputs: Mapping[str, tf.Tensor] | None = None,
    ) -> _Computed:
        leaving = self.output_encoding(layer)
        if passes_codes(layer, [operand.encoding for operand in operands], leaving):
            return _unsplit(layer, Coded(passed_codes(layer, operands), leaving))
        if averages_codes(layer, operands, leaving):
            # Exact sums of codes: dequantized ones would settle the many halves by their errors.
            codes = tf.round(operation_for(layer)(layer, {}, [operands[0].in_float]))
            highest_code = self.coded_layers[layer.name].highest_code
            return _unsplit(layer, Coded(held(codes, highest_code), leaving))
        values = [operand.values for operand in operands]
        result = self._floats.applied(layer, values, inputs or {})
        if len({part.ref() for part in result.parts}) > 1:  # a splitter
            parts = tuple(Coded(part, None) for part in result.parts)
            return _Computed(operands[0], parts)
        return self._coded_from(layer, result.output)

    def _entering(self, layer: Layer, values: tf.Tensor) -> QuantizedTensors:
        """Data as they enter the network."""
        return self._compiled(
            layer, [Coded(values, None)], lambda given: self._coded_from(layer, given[0].codes)
        )

    def _coded_from(self, layer: Layer, values: tf.Tensor) -> _Computed:
        encoding = self.output_encoding(layer)
        if encoding is None:
            is_stored = self.coded_layers[layer.name].output is not None
            if is_stored and not layer.is_pass_through and layer.name not in self.in_float:
                raise UnsupportedLayerError("the encoding stored for its output is damaged")
            return _unsplit(layer, Coded(values, None))
        return _Computed(None, uncoded=values)

    def beside(
        self, layer: Layer, operands: Sequence[Coded], inputs: Mapping[str, tf.Tensor]
    ) -> QuantizedTensors | None:
        """What the integers of a layer make of operands that another engine computed.

        Returns
        -------
        None for layers that cannot be run.
        """
        try:
            if layer.name in inputs:
                return self._entering(layer, inputs[layer.name])
            return self._quantized(layer, operands, inputs)
        except UnsupportedLayerError:
            return None

    def _input_encoding(self, layer: Layer, operands: Sequence[Coded]) -> Encoding | None:
        stored = self.coded_layers[layer.name].input
        if not operands:
            return None
        if stored is not None and fits(stored, operands[0].codes.shape[3]):
            return stored
        return operands[0].encoding

    def output_encoding(self, layer: Layer) -> Encoding | None:
        """Encoding of what leaves a layer; None where none is stored that fits."""
        stored = self.coded_layers[layer.name].output
        return stored if stored is not None and fits(stored, layer.output_shape[2]) else None


def _unsplit(layer: Layer, output: Coded) -> _Computed:
    return _Computed(output, (output,) * max(len(layer.outputs), 1))


def _from_stage(layer: Layer, staged: Staged, leaving: Encoding) -> QuantizedTensors:
    output = Coded(staged.codes, leaving)
    return QuantizedTensors(output, (output,) * max(len(layer.outputs), 1), staged.limits)
