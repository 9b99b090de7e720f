"""Many layers by themselves on some samples, and their errors on to the outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.local_errors import LocalErrors
from utils.emulator.measuring.noise_statistics import by_sample
from utils.emulator.measuring.replay import replayed_energies, runs_at_once
from utils.emulator.measuring.work import heaviest_first, work_behind
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements.noise import TensorNoise

Tensors = Mapping[str, tf.Tensor]


@dataclass(frozen=True)
class Sweep:
    """Some samples, and layers that are run by themselves on them.

    Parameters
    ----------
    first, stop : the samples, counted over all batches.
    layers : those that are run.
    outputs : where their errors are looked at.
    replayed : the layers whose errors are run on to the outputs; None for as many as `work` is
        enough for, those first that add most to their own output.
    work : multiply-accumulates that may be spent on each sample to run errors on.
    """

    first: int
    stop: int
    layers: tuple[str, ...]
    outputs: tuple[str, ...]
    replayed: tuple[str, ...] | None = None
    work: float = math.inf


@dataclass(frozen=True, eq=False)
class Swept:
    """What came of a sweep.

    Parameters
    ----------
    local : noise of the layers at their own output.
    signal : energies of the float values, (samples,) by output.
    noise : energies of the error, (samples,) by layer and output.
    """

    local: Mapping[str, TensorNoise]
    signal: Mapping[str, NDArray[np.float64]]
    noise: Mapping[str, Mapping[str, NDArray[np.float64]]]


def run_sweep(
    floats: FloatEmulator, quantized: QuantizedEmulator, batches: Sequence[Batch], sweep: Sweep
) -> Swept:
    """Run layers by themselves, and their errors on to the outputs.

    Parameters
    ----------
    batches : the samples that those of the sweep are counted over.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    batch = _taken(batches, sweep.first, sweep.stop)
    with failures_in_words(sample_count(batch)):
        inputs = floats.tensors(batch)
        plain = _without_preactivations(floats, inputs)
        local = LocalErrors(quantized)
        errors = local.add(sweep.layers, plain, inputs)
        replayed = sweep.replayed
        if replayed is None:
            behind = work_behind(floats.network, sweep.layers)
            chosen = affordable(local.noise, behind, sweep.work)
            replayed = tuple(name for name in sweep.layers if name in chosen)
        noise: dict[str, dict[str, NDArray[np.float64]]] = {}
        for group in stacks(floats, replayed, sample_count(batch)):
            stack = {name: errors.pop(name) for name in group}
            found = replayed_energies(floats, stack, sweep.outputs, plain, inputs)
            for index, name in enumerate(stack):
                noise[name] = {output: values[index] for output, values in found.items()}
        signal = {name: by_sample(plain[name].output) for name in sweep.outputs}
    return Swept(local.noise, signal, noise)


def stacks(floats: FloatEmulator, layers: Sequence[str], samples: int) -> list[tuple[str, ...]]:
    """The layers in groups of as many as are run on at once."""
    size = runs_at_once(floats.network, samples)
    return [tuple(layers[first : first + size]) for first in range(0, len(layers), size)]


def affordable(
    local: Mapping[str, TensorNoise], behind: Mapping[str, float], work: float
) -> list[str]:
    """Layers that can be replayed for so much work: those that add most to their own output.

    At least the first of them is, whatever it costs.
    """
    chosen: list[str] = []
    for name in heaviest_first({name: -found.snr_db for name, found in local.items()}):
        work -= behind[name]
        if chosen and work < 0:
            break
        chosen.append(name)
    return chosen


def _without_preactivations(floats: FloatEmulator, inputs: Tensors) -> dict[str, LayerTensors]:
    """Tensors of every layer, as few as there have to be: all of them are held at a time."""
    computed: dict[str, LayerTensors] = {}
    for layer in floats.layers:
        found = floats.evaluated(layer, inputs, computed)
        computed[layer.name] = LayerTensors(None, found.output, found.parts)
    return computed


def _taken(batches: Sequence[Batch], start: int, stop: int) -> Batch:
    """The samples from `start` to `stop`, counted over all batches."""
    found: dict[str, list[NDArray[Any]]] = {}
    first = 0
    for batch in batches:
        for name, array in batch.items():
            found.setdefault(name, []).append(array[max(start - first, 0) : max(stop - first, 0)])
        first += sample_count(batch)
    return {name: np.concatenate(parts) for name, parts in found.items()}
