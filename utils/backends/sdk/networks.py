"""The SDK's networks as the data pass measures them, in place of those of our own engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import tensorflow as tf

from utils.backends.sdk.captured import (
    captured_parts,
    collected,
    fitted,
    passed_on,
    whole_output,
)
from utils.backends.sdk.contexts import SdkContext
from utils.backends.sdk.readings import CodeReadings
from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import LayerTensors
from utils.emulator.floats.inputs import input_tensors
from utils.emulator.floats.operands import parts_taken
from utils.emulator.quantized.coded import Coded, fits
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.errors import SdkError, UnsupportedLayerError
from utils.har.network import Layer, Network, Shape
from utils.measurements import PREACTIVATION_TYPES
from utils.quantizer.integers import CodedLayer

SAME = 1e-6  # of the largest value: less than any code, more than rounding


class SdkFloats:
    """The float network in the SDK; see `measuring.measured_networks.MeasuredFloats`.

    Attributes
    ----------
    latest : tensors of the last forward pass, by layer.
    """

    def __init__(self, network: Network, context: SdkContext, wants_preactivation: bool) -> None:
        """Take the context; which layers it gives is known after the first forward pass."""
        self.layers: Sequence[Layer] = tuple(network)
        self.not_measured: dict[str, str] = {}
        self.preactivation_not_measured: dict[str, str] = {}
        self.input_shapes: Mapping[str, Shape] = {
            layer.name: layer.output_shape for layer in network.input_layers
        }
        self.assumptions: tuple[str, ...] = ()
        self.latest: dict[str, LayerTensors] = {}
        self._network = network
        self._context = context
        self._hidden = _with_activation(network) if wants_preactivation else []

    def tensors(self, batch: Batch) -> dict[str, tf.Tensor]:
        """A batch as float32 tensors."""
        return input_tensors(batch, self.input_shapes)

    def forward(self, inputs: Mapping[str, tf.Tensor]) -> dict[str, LayerTensors]:
        """Tensors of every layer that the SDK gives."""
        if self._hidden and not self.latest:
            refusal = self._context.watch_preactivations(inputs, self._hidden)
            if refusal:
                self.preactivation_not_measured.update(dict.fromkeys(self._hidden, refusal))
                self._hidden = []
        tensors = self._context.run(inputs)
        self.latest = collected(
            self._network,
            lambda layer, computed: self._captured(layer, inputs, tensors, computed),
            self.not_measured,
        )
        self.layers = tuple(layer for layer in self._network if layer.name in self.latest)
        return self.latest

    def _captured(
        self,
        layer: Layer,
        inputs: Mapping[str, tf.Tensor],
        captured: Mapping[str, Sequence[Any]],
        computed: Mapping[str, LayerTensors],
    ) -> LayerTensors:
        if layer.name in inputs:
            parts = (inputs[layer.name],) * max(len(layer.outputs), 1)
        elif layer.name in captured:
            parts = captured_parts(layer, captured[layer.name], _samples(inputs))
        else:
            parts = passed_on(self._network, layer, computed)
        output = whole_output(self._network, layer, parts, computed)
        return LayerTensors(self._preactivation(layer, output), output, parts)

    def _preactivation(self, layer: Layer, output: tf.Tensor) -> tf.Tensor | None:
        if layer.activation == "linear":
            return output
        if layer.name not in self._hidden:
            return None
        try:
            found = self._context.preactivation(layer.name)
            return fitted(found, tuple(output.shape[1:]), output.shape[0])
        except (SdkError, UnsupportedLayerError) as error:
            self.preactivation_not_measured[layer.name] = str(error)
            self._hidden.remove(layer.name)
            return None


class SdkQuantized:
    """The quantized network in the SDK; see `utils.emulator.measuring.measured_networks`.

    What leaves each layer is the SDK's. What the SDK does not tell, sums in the accumulator and
    values before they are coded, is worked out by our engine from what entered the layer in the
    SDK.

    Attributes
    ----------
    latest : what the SDK computed in the last forward pass, by layer.
    beside : what our integers make of the same operands.
    """

    def __init__(self, embedded: QuantizedEmulator, context: SdkContext) -> None:
        """Take the context, and the integers as our engine knows them."""
        self.network = embedded.network
        self.coded_layers: Mapping[str, CodedLayer] = embedded.coded_layers
        self.not_measured: dict[str, str] = {}
        self.in_float: dict[str, str] = {}
        self.latest: dict[str, QuantizedTensors] = {}
        self.beside: dict[str, QuantizedTensors] = {}
        self._embedded = embedded
        self._context = context
        self._references: dict[str, LayerTensors] = {}
        self._readings = CodeReadings()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """How the SDK's tensors were read."""
        return self._readings.assumptions

    def references(self, floats: Mapping[str, LayerTensors]) -> Mapping[str, LayerTensors]:
        """Float tensors by layer of the quantized graph."""
        self._references = self._embedded.references(floats)
        return self._references

    def forward(self, inputs: Mapping[str, tf.Tensor]) -> Mapping[str, QuantizedTensors]:
        """What the SDK makes of the layers, with our integers beside it."""
        tensors = self._context.run(inputs)
        if not self.latest and self._is_native(tensors, inputs):
            self._context.quantize_now()
            tensors = self._context.run(inputs)
            if self._is_native(tensors, inputs):
                raise SdkError("the SDK's quantized network computes what its float network does")
        self.beside = {}
        self.latest = collected(
            self.network,
            lambda layer, computed: self._captured(layer, inputs, tensors, computed),
            self.not_measured,
        )
        return self.latest

    def _is_native(
        self, tensors: Mapping[str, Sequence[Any]], inputs: Mapping[str, tf.Tensor]
    ) -> bool:
        """Whether layers with integers equal the float network, where the integers would not."""
        references = {
            name: self._references[name].parts[0]
            for name, described in self.coded_layers.items()
            if described.integers is not None and name in self._references and tensors.get(name)
        }
        if any(not _is_same(tensors[name][0], real) for name, real in references.items()):
            return False
        ours = self._embedded.forward(inputs) if references else {}
        return any(
            not _is_same(ours[name].parts[0].values, real)
            for name, real in references.items()
            if name in ours
        )

    def _captured(
        self,
        layer: Layer,
        inputs: Mapping[str, tf.Tensor],
        captured: Mapping[str, Sequence[Any]],
        computed: Mapping[str, QuantizedTensors],
    ) -> QuantizedTensors:
        own = self._beside(layer, inputs, computed)
        if layer.name in captured:
            parts = self._coded_parts(layer, captured[layer.name], _samples(inputs))
        elif layer.name in inputs and own is not None:
            parts = own.parts  # the SDK keeps its coded input to itself
        else:
            parts = passed_on(self.network, layer, computed)
        output = whole_output(self.network, layer, parts, computed)
        if own is None:
            return QuantizedTensors(output, parts)
        self.beside[layer.name] = own
        return replace(own, output=output, parts=parts)

    def _beside(
        self,
        layer: Layer,
        inputs: Mapping[str, tf.Tensor],
        computed: Mapping[str, QuantizedTensors],
    ) -> QuantizedTensors | None:
        if any(source not in computed for source in layer.inputs):
            return None
        operands = parts_taken(self.network, layer, computed)
        return self._embedded.beside(layer, operands, inputs)

    def _coded_parts(self, layer: Layer, tensors: Sequence[Any], samples: int) -> tuple[Coded, ...]:
        described = self.coded_layers[layer.name]
        encoding = described.output
        if encoding is not None and not fits(encoding, layer.output_shape[2]):
            encoding = None
        found = captured_parts(layer, tensors, samples)
        if not all(bool(tf.reduce_all(tf.math.is_finite(tensor))) for tensor in found):
            raise UnsupportedLayerError("the SDK gives values for it that are not finite")
        reference = self._references.get(layer.name)
        # The float layer may have other successors: what changes the precision is not there.
        reals = chain(reference.parts if reference is not None else (), repeat(None))
        return tuple(
            self._readings.coded(layer.name, tensor, encoding, described.highest_code, real)
            for tensor, real in zip(found, reals, strict=False)
        )


def _with_activation(network: Network) -> list[str]:
    return [
        layer.name
        for layer in network
        if layer.type in PREACTIVATION_TYPES and layer.activation != "linear"
    ]


def _samples(inputs: Mapping[str, tf.Tensor]) -> int:
    return int(next(iter(inputs.values())).shape[0])


def _is_same(found: Any, real: tf.Tensor) -> bool:
    try:
        tensor = fitted(found, tuple(real.shape[1:]), real.shape[0])
    except UnsupportedLayerError:
        return False
    return bool(tf.reduce_all(tf.abs(tensor - real) <= SAME * tf.reduce_max(tf.abs(real))))
