"""Holding the embedded engine against the SDK, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from utils.backends.sdk.networks import SdkFloats, SdkQuantized
from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.measurements import Measurements
from utils.measurements.backend_comparison import BackendComparison, LayerAgreement


class ComparedRun:
    """Both engines on the same batches."""

    def __init__(self, floats: FloatEmulator, sdk_floats: SdkFloats, embedded: DataPass) -> None:
        """Take the embedded engine, and the SDK's networks as they are after each batch.

        Parameters
        ----------
        embedded : data pass of the embedded engine, for its noise. That it runs the float
            network as well, out of reach in there, makes it run twice.
        """
        self._floats = floats
        self._sdk_floats = sdk_floats
        self._embedded = embedded
        self._differences: dict[str, float] = {}
        self._lowest: dict[str, float] = {}
        self._highest: dict[str, float] = {}
        self._codes: dict[str, tuple[int, int]] = {}

    def add(self, batch: Batch, quantized: SdkQuantized | None) -> None:
        """Compare a batch that the SDK has just run."""
        self._embedded.add(batch)
        ours = self._outputs(self._floats.tensors(batch))
        for name, tensor in ours.items():
            if name in self._sdk_floats.latest:
                self._compare(name, tensor, self._sdk_floats.latest[name])
        if quantized is not None:
            self._compare_codes(quantized.latest, quantized.beside)

    def embedded(self) -> Measurements:
        """What the embedded engine measured over all batches."""
        return self._embedded.measured()

    def compared(self, sdk: Measurements) -> BackendComparison:
        """The comparison over all batches; `sdk` is what the SDK's run measured."""
        ours = self.embedded()
        names = dict.fromkeys([*sdk.layers, *ours.layers])
        if sdk.noise is not None and ours.noise is not None:
            names |= dict.fromkeys([*sdk.noise.layers, *ours.noise.layers])
        agreements = {
            name: LayerAgreement(
                self._float_difference(name),
                self._codes_differing(name),
                _snr_db(sdk, name),
                _snr_db(ours, name),
            )
            for name in names
        }
        return BackendComparison(agreements, sdk.samples)

    def _outputs(self, inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {name: found.output for name, found in self._floats.forward(inputs).items()}

    def _compare(self, name: str, ours: tf.Tensor, theirs: LayerTensors) -> None:
        if ours.shape != theirs.output.shape:
            self._differences[name] = math.inf
            return
        known = self._differences.get(name, 0.0)
        # A difference that is no number is as large as can be.
        largest = float(tf.reduce_max(tf.abs(ours - theirs.output)))
        self._differences[name] = max(known, math.inf if math.isnan(largest) else largest)
        low, high = float(tf.reduce_min(theirs.output)), float(tf.reduce_max(theirs.output))
        self._lowest[name] = min(self._lowest.get(name, math.inf), low)
        self._highest[name] = max(self._highest.get(name, -math.inf), high)

    def _compare_codes(
        self, theirs: Mapping[str, QuantizedTensors], ours: Mapping[str, QuantizedTensors]
    ) -> None:
        for name, own in ours.items():
            found = theirs[name]
            if own.output.encoding is None or found.output.encoding is None:
                continue
            if own.output.codes.shape != found.output.codes.shape:
                continue
            apart = tf.abs(own.output.in_float - found.output.in_float) > 0.5
            differing, total = self._codes.get(name, (0, 0))
            counted = int(tf.math.count_nonzero(apart))
            self._codes[name] = (differing + counted, total + int(tf.size(apart)))

    def _float_difference(self, name: str) -> float | None:
        if name not in self._differences:
            return None
        span = self._highest.get(name, 0.0) - self._lowest.get(name, 0.0)
        difference = self._differences[name]
        if difference == 0:
            return 0.0
        return difference / span if span > 0 else math.inf

    def _codes_differing(self, name: str) -> float | None:
        differing, total = self._codes.get(name, (0, 0))
        return differing / total if total else None


def _snr_db(found: Measurements, name: str) -> float | None:
    noise: Any = found.noise.layers.get(name) if found.noise is not None else None
    return None if noise is None else float(noise.output.snr_db)
