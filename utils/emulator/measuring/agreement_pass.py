"""What the outputs say in float and on the chip, batch by batch; what decides in front of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import is_near, serves
from utils.emulator.kernels.reductions import mark_codes
from utils.emulator.kernels.stages import real_values
from utils.emulator.measuring.batch_statistics import Values
from utils.emulator.measuring.steps import Step
from utils.emulator.quantized.coded import Coded, by_channel
from utils.har.network import Layer, Network
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.agreement.batch import (
    OutputBatch,
    agreement_of,
    cell_scores,
    channel_codes,
)
from utils.measurements.agreement.boxes import decoded_distances, overlaps, side_errors
from utils.measurements.agreement.channels import BYTE_CODES, ChannelCodes, Extremes
from utils.measurements.agreement.decisions import is_close, places_of
from utils.measurements.agreement.grouped import BoxErrors, BoxOverlaps
from utils.measurements.merging import merge_into
from utils.measurements.output_kind import SettledKind, WhatIsJudged
from utils.outputs.thresholds import threshold_at

DECIDING_TYPES = ("softmax", "argmax")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Judged:
    """One output, and how it is to be judged."""

    settled: SettledKind
    threshold: float
    front: str = ""  # layer in front of its softmax or argmax
    is_numbered: bool = False  # class numbers leave


class AgreementPass:
    """Agreement of every output."""

    def __init__(self, network: Network, judged: WhatIsJudged) -> None:
        """Take the quantized graph; nothing is known yet."""
        self._judged = {
            output.name: _judged(network, output, judged) for output in network.output_layers
        }
        self._fronts = {each.front for each in self._judged.values()} - {""}
        self._scored = {each.settled.scores_at for each in self._judged.values()} - {""}
        self._found: dict[str, OutputAgreement] = {}
        self._front_codes: dict[str, ChannelCodes] = {}
        # Of the batch that is being run.
        self._at_fronts: dict[str, OutputBatch] = {}
        self._firing: dict[str, Mask] = {}
        self._boxes: dict[str, tuple[OutputBatch, OutputAgreement]] = {}

    @property
    def fronts(self) -> frozenset[str]:
        """Layers in front of a softmax or an argmax at an output."""
        return frozenset(self._fronts)

    def is_front(self, name: str) -> bool:
        """Whether a layer is to be handed to `add_front`."""
        return name in self._fronts

    def add_front(self, step: Step, statistics: Values, first: int) -> None:
        """Add what a softmax or an argmax at an output takes.

        Parameters
        ----------
        statistics : of its float tensor.
        first : position of the first sample of the batch.
        """
        batch = _batch(step, statistics, first)
        if batch is None:
            return
        self._at_fronts[step.name] = batch
        merge_into(self._front_codes, step.name, channel_codes(batch))

    def add_output(self, step: Step, statistics: Values, energies: Values, first: int) -> None:
        """Add an output of a batch.

        Parameters
        ----------
        statistics : of its float tensor.
        energies : of signal and noise of every sample.
        first : position of the first sample of the batch.
        """
        judged, batch = self._judged[step.name], _batch(step, statistics, first)
        is_finite = np.isfinite([energies["signal"], energies["noise"]]).all()
        if batch is None or not is_finite:  # the noise pass says why it is not measured
            return
        if judged.is_numbered:
            batch = replace(batch, undecided=self._undecided(judged.front, batch))
        found = agreement_of(
            batch, judged.settled, judged.threshold, energies["signal"], energies["noise"]
        )
        if step.name in self._scored:
            floats, _, _ = cell_scores(batch, judged.settled)
            self._firing[step.name] = np.asarray((floats > judged.threshold).any(axis=2))
        if judged.settled.scores_at:
            self._boxes[step.name] = (batch, found)
        else:
            merge_into(self._found, step.name, found)

    def _undecided(self, front: str, numbers: OutputBatch) -> Mask:
        """Where the logits of the two classes lie closer in float than a code."""
        found = np.zeros(numbers.floats.shape[:2], np.bool_)
        logits = self._at_fronts.get(front)
        if logits is None or logits.floats.shape[:2] != found.shape:
            return found
        first, second = (
            np.rint(v[:, :, 0]).astype(np.int64) for v in (numbers.floats, numbers.chip)
        )
        places = places_of(first != second)
        one, other = first[places], second[places]
        found[places] = is_close(logits.floats, places, one, other, logits.steps)
        return found

    def count(self) -> None:
        """End a batch."""
        for name, (batch, found) in self._boxes.items():
            firing = self._firing.get(self._judged[name].settled.scores_at)
            merge_into(self._found, name, _with_boxes(found, batch, firing))
        for of_batch in (self._at_fronts, self._firing, self._boxes):
            of_batch.clear()

    def measured(self, reasons: Collection[str]) -> AgreementMeasurements:
        """Everything added so far.

        Parameters
        ----------
        reasons : layers that were not measured over all samples.
        """
        return AgreementMeasurements(
            {name: found for name, found in self._found.items() if name not in reasons},
            {name: found for name, found in self._front_codes.items() if name not in reasons},
            {name: each.front for name, each in self._judged.items() if each.front},
        )


def _judged(network: Network, output: Layer, judged: WhatIsJudged) -> _Judged:
    producers = network.producers(output)
    deciding = [layer for layer in producers if layer.type in DECIDING_TYPES and layer.inputs]
    return _Judged(
        judged.kind_of(output.name),
        threshold_at(network, output, judged),
        deciding[0].inputs[0] if len(deciding) == len(producers) == 1 else "",
        any(layer.type == "argmax" for layer in producers),
    )


def _batch(step: Step, statistics: Values, first: int) -> OutputBatch | None:
    """The tensors of a step as arrays; None where there is nothing to compare."""
    if step.quantized is None or step.reference is None:
        return None
    coded, reference = step.quantized.output, step.reference.output
    if coded.codes.shape[1:] != reference.shape[1:]:
        return None
    samples, height, width, channels = reference.shape
    shape = (samples, height * width, channels)
    codes = _array(coded.codes).reshape(-1, channels)
    return OutputBatch(
        first + np.arange(samples),
        _array(reference).reshape(shape),
        _values(coded, codes).reshape(shape),
        codes.reshape(shape),
        _steps(coded, channels),
        Extremes(*(statistics[end].astype(np.float64) for end in ("minimum", "maximum"))),
        _seen(coded.codes, codes),
        width=width,
    )


def _values(coded: Coded, codes: NDArray[Any]) -> NDArray[np.float32]:
    """The real numbers that codes (any number, channels) stand for."""
    if coded.encoding is None or codes.dtype != np.uint8 or not serves(coded.codes):
        return _array(coded.values)
    values = np.empty(codes.shape, np.float32)
    real_values(codes, *by_channel(coded.encoding, codes.shape[1]), values)
    return values


def _seen(tensor: tf.Tensor, codes: NDArray[Any]) -> Mask | None:
    """Which codes occur, by a compiled loop where there is one."""
    if codes.dtype != np.uint8 or not serves(tensor):
        return None
    seen = np.zeros((codes.shape[1], BYTE_CODES), np.bool_)
    mark_codes(codes, seen)
    return seen


def _array(tensor: tf.Tensor) -> NDArray[Any]:
    """The values of a tensor, where they lie if the processor reads them there."""
    return np.asarray(memoryview(tensor) if is_near(tensor) else tensor.numpy())


def _steps(coded: Coded, channels: int) -> NDArray[np.float32]:
    if coded.encoding is None:
        return np.zeros(channels, np.float32)
    scales, _ = by_channel(coded.encoding, channels)
    return scales


def _with_boxes(found: OutputAgreement, batch: OutputBatch, firing: Mask | None) -> OutputAgreement:
    """What an output says, with the boxes of the cells that fire."""
    samples, pixels = np.nonzero(firing) if firing is not None else ((), ())
    chosen = (np.asarray(samples, np.int64), np.asarray(pixels, np.int64))
    in_float, on_chip = (decoded_distances(v[chosen]) for v in (batch.floats, batch.chip))
    positions, cell = batch.positions[chosen[0]], found.settled.cell
    errors = BoxErrors.of(positions, side_errors(in_float, on_chip, cell)) if any(cell) else None
    return replace(
        found, boxes=BoxOverlaps.of(positions, overlaps(in_float, on_chip)), box_errors=errors
    )
