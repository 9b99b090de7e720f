"""What a network offers to be measured, whoever runs it: our own engine, or Hailo's SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import tensorflow as tf

from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import LayerTensors
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.har.network import Layer, Network, Shape
from utils.quantizer.integers import CodedLayer


class MeasuredFloats(Protocol):
    """A float network; `utils.emulator.floats.engine.FloatEmulator` says what each member means."""

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers that are run, in topological order."""

    @property
    def not_measured(self) -> Mapping[str, str]:
        """Reason by name, for all other layers."""

    @property
    def preactivation_not_measured(self) -> Mapping[str, str]:
        """Reason by name, for layers that are run, but hide what precedes their activation."""

    @property
    def input_shapes(self) -> Mapping[str, Shape]:
        """(height, width, channels) by name of each input layer that is run."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed."""

    def tensors(self, batch: Batch) -> dict[str, tf.Tensor]:
        """A batch as float32 tensors."""

    def forward(self, inputs: Mapping[str, tf.Tensor]) -> dict[str, LayerTensors]:
        """Tensors of every layer that is run."""


class MeasuredQuantized(Protocol):
    """A quantized network; `QuantizedEmulator` says what each member means."""

    @property
    def network(self) -> Network:
        """The quantized graph."""

    @property
    def coded_layers(self) -> Mapping[str, CodedLayer]:
        """Encodings and integers by layer."""

    @property
    def not_measured(self) -> Mapping[str, str]:
        """Reason by name, for layers that were not run."""

    @property
    def in_float(self) -> Mapping[str, str]:
        """Reason by name, for layers with weights that did not run as integers."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed."""

    def references(self, floats: Mapping[str, LayerTensors]) -> Mapping[str, LayerTensors]:
        """Float tensors by layer of the quantized graph."""

    def forward(self, inputs: Mapping[str, tf.Tensor]) -> Mapping[str, QuantizedTensors]:
        """Everything quantized, by layer."""
