"""Tables of lines against the functions that they stand for, on what the float network computes.

A few values of every sample suffice: what is compared are energies, over all samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import is_near
from utils.emulator.measuring.measured_networks import MeasuredQuantized
from utils.emulator.measuring.steps import Step
from utils.emulator.quantized.coded import by_channel, fits
from utils.har.network import Layer
from utils.measurements.table_noise import TableNoise
from utils.quantizer.integers import CodedLayer, LayerIntegers
from utils.quantizer.piecewise import CURVED

# Values of a sample that are looked at in one layer, about; every nth row and column has them.
VALUES = 512

Floats = NDArray[np.float32]


class TableErrors:
    """The tables of a quantized network whose layers have curved activations."""

    def __init__(self, quantized: MeasuredQuantized) -> None:
        """Find the tables; layers whose accumulator has no known scale are left out."""
        self._tables: dict[str, ActivationTable] = {}
        for layer in quantized.network:
            table = _table_of(layer, quantized.coded_layers[layer.name])
            if table is not None:
                self._tables[layer.name] = table

    def of(self, step: Step) -> TableNoise | None:
        """The table of a layer of a batch; None where it has none, or nothing to compare with."""
        table, coded = self._tables.get(step.name), step.quantized
        if table is None or coded is None or coded.output.encoding is None:
            return None
        if step.reference is None or step.reference.preactivation is None:
            return None
        output = step.reference.output
        if not output.shape == step.reference.preactivation.shape == coded.output.codes.shape:
            return None
        return table.noise(
            _thinned(step.reference.preactivation), _thinned(output), _thinned(coded.output.codes)
        )


@dataclass(frozen=True, eq=False)
class _Group:
    """Channels that share a table, with their place; see `OutputTable`."""

    channels: slice
    thresholds: Floats
    slopes: Floats
    offsets: Floats


@dataclass(frozen=True, eq=False)
class ActivationTable:
    """From pre-activations to codes of the output, neither rounded nor clipped.

    Parameters
    ----------
    accumulator : real value of a code of the accumulator, float32 (channels,).
    scales, zero_points : of the output, likewise.
    highest_code : of the output.
    """

    groups: tuple[_Group, ...]
    accumulator: Floats
    scales: Floats
    zero_points: Floats
    highest_code: int

    @cached_property
    def steps(self) -> Floats:
        """Codes of the output in a unit, float32 (channels,)."""
        return np.reciprocal(self.scales)

    @property
    def lines(self) -> int:
        """How many lines the longest table has."""
        return max(len(group.slopes) for group in self.groups)

    def codes(self, values: Floats) -> Floats:
        """Codes of pre-activations (any number, channels)."""
        found = values / self.accumulator
        for group in self.groups:
            own = found[:, group.channels]
            # A few comparisons of the whole row are faster than a search for every value.
            index = np.zeros(own.shape, np.uint8)
            for threshold in group.thresholds:
                index += own >= threshold
            own *= group.slopes.take(index)
            own += group.offsets.take(index)
        return found

    def noise(self, values: Floats, outputs: Floats, codes: Floats) -> TableNoise:
        """The table against the function.

        Parameters
        ----------
        values : pre-activations of the float network, float32 (any number, channels).
        outputs : what the float network makes of them.
        codes : what the quantized network has there.
        """
        # Damaged weights yield no numbers; these spread to the energies, and nothing is judged.
        with np.errstate(all="ignore"):
            right = self._within(outputs * self.steps + self.zero_points)
            table = self._within(self.codes(values))
            table -= right
            table *= self.scales
            chip = codes - right
            chip *= self.scales
            return TableNoise(
                self.lines,
                values.size,
                _energy(outputs),
                _energy(table),
                _energy(chip),
                _energy(chip - table),
                float(values.min()),
                float(values.max()),
            )

    def _within(self, codes: Floats) -> Floats:
        np.maximum(codes, np.float32(0), out=codes)
        np.minimum(codes, np.float32(self.highest_code), out=codes)
        return codes


def _table_of(layer: Layer, coded: CodedLayer) -> ActivationTable | None:
    integers, leaving = coded.integers, coded.output
    if integers is None or leaving is None or layer.activation not in CURVED:
        return None
    channels = layer.output_shape[2]
    if integers.accumulator_scale is None or not fits(leaving, channels):
        return None
    accumulator = integers.accumulator_scale.astype(np.float32)
    scales, zero_points = by_channel(leaving, channels)
    return ActivationTable(_groups(integers), accumulator, scales, zero_points, coded.highest_code)


def _groups(integers: LayerIntegers) -> tuple[_Group, ...]:
    table, first = integers.table, 0
    found = []
    for row, size in enumerate(table.channels):
        slopes, offsets = table.slopes[row], table.offsets[row]
        # Tables repeat their first and last line where the accumulator ends.
        joints = np.flatnonzero((np.diff(slopes) != 0) | (np.diff(offsets) != 0))
        lines = np.concatenate([[0], joints + 1])
        parts = (table.thresholds[row][joints], slopes[lines], offsets[lines])
        found.append(_Group(slice(first, first + size), *(p.astype(np.float32) for p in parts)))
        first += size
    return tuple(found)


def _thinned(tensor: tf.Tensor) -> Floats:
    """Some pixels of every sample, by their place alone: float32 (any number, channels)."""
    _, height, width, channels = tensor.shape
    step = max(math.ceil(math.sqrt(height * width * channels / VALUES)), 1)
    rows, columns = min(step, height), min(step, width)
    # Where the processor reads them, values are taken from where they lie: no slice is cheaper.
    whole = np.asarray(memoryview(tensor)) if is_near(tensor) else tensor
    part = np.asarray(whole[:, ::rows, ::columns], np.float32)
    return part.reshape(-1, channels)


def _energy(values: Floats) -> float:
    flat = values.reshape(-1)
    return float(np.dot(flat, flat))
