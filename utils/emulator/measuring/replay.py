"""Many runs of the float network in one, each with the output of one layer replaced.

What lies before the replaced layer is not run again. Runs are stacked along the batch: a layer is
computed once for all runs that have reached it, and a run joins the stack where its layer stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.lifetimes import last_readers
from utils.emulator.floats.operands import parts_taken
from utils.emulator.measuring.noise_statistics import by_sample
from utils.har.network import Layer, Network

Tensors = Mapping[str, tf.Tensor]

# Values that the runs in one stack may have in the largest layer; 128 MiB in float32.
STACK_VALUES = 2**25


@dataclass(frozen=True, eq=False)
class Stacked:
    """Results of several runs, one after the other along the batch.

    Parameters
    ----------
    runs : numbers of the runs, ascending.
    parts : what each successor receives, (runs * samples, height, width, channels).
    """

    runs: tuple[int, ...]
    parts: tuple[tf.Tensor, ...]


def runs_at_once(network: Network, samples: int) -> int:
    """How many runs one stack can hold."""
    shapes = (shape for layer in network for shape in layer.output_shapes)
    largest = max((math.prod(shape) for shape in shapes), default=1)
    return max(STACK_VALUES // (largest * max(samples, 1)), 1)


def replayed_energies(
    floats: FloatEmulator,
    errors: Tensors,
    outputs: Sequence[str],
    plain: Mapping[str, LayerTensors],
    inputs: Tensors,
) -> dict[str, NDArray[np.float64]]:
    """Energy of the error of outputs when one layer adds its own, for every sample.

    Parameters
    ----------
    errors : what each layer adds to its float output, one layer in each run; no splitters.
    plain : what the float network computes, by layer.

    Returns
    -------
    (runs, samples) by output, the runs in topological order of their layers.
    """
    samples = next(iter(inputs.values())).shape[0]
    replaced = {name: plain[name].output + error for name, error in errors.items()}
    stacked = _stacked_runs(floats, replaced, plain, inputs, outputs)
    noise = {}
    for output in outputs:
        energies = np.zeros((len(errors), samples))
        found = stacked.get(output)
        if found is not None:
            reference = tf.tile(plain[output].output, [len(found.runs), 1, 1, 1])
            values = by_sample(found.parts[0] - reference)
            energies[list(found.runs)] = values.reshape(len(found.runs), samples)
        noise[output] = energies
    return noise


def _stacked_runs(
    floats: FloatEmulator,
    replaced: Tensors,
    plain: Mapping[str, LayerTensors],
    inputs: Tensors,
    outputs: Sequence[str],
) -> dict[str, Stacked]:
    freed = last_readers(floats.network, floats.layers, outputs)
    number = {name: run for run, name in enumerate(replaced)}
    computed: dict[str, Stacked] = {}
    for layer in floats.layers:
        reached = {run for name in layer.inputs if name in computed for run in computed[name].runs}
        runs = tuple(sorted(reached))
        found = None
        if runs:
            found = Stacked(runs, _applied(floats, layer, runs, computed, plain, inputs))
        if layer.name in replaced:
            found = _joined(layer, found, number[layer.name], replaced[layer.name])
        if found is not None:
            computed[layer.name] = found
        for name in freed.get(layer.name, ()):
            computed.pop(name, None)
    return computed


def _applied(
    floats: FloatEmulator,
    layer: Layer,
    runs: tuple[int, ...],
    computed: Mapping[str, Stacked],
    plain: Mapping[str, LayerTensors],
    inputs: Tensors,
) -> tuple[tf.Tensor, ...]:
    taken = {
        name: _aligned(computed.get(name, Stacked((), ())), plain[name].parts, runs)
        for name in layer.inputs
    }
    return floats.applied(layer, parts_taken(floats.network, layer, taken), inputs).parts


def _aligned(stacked: Stacked, plain: tuple[tf.Tensor, ...], runs: tuple[int, ...]) -> Stacked:
    """The same for more runs; those that have not come this way have the plain values."""
    if stacked.runs == runs:
        return stacked
    pieces = [tf.split(part, len(stacked.runs)) if stacked.runs else [] for part in stacked.parts]
    own = {run: index for index, run in enumerate(stacked.runs)}
    parts = []
    for position, tensor in enumerate(plain):
        rows = [pieces[position][own[run]] if run in own else tensor for run in runs]
        parts.append(tf.concat(rows, axis=0))
    return Stacked(runs, tuple(parts))


def _joined(layer: Layer, found: Stacked | None, run: int, output: tf.Tensor) -> Stacked:
    # A layer stands behind all runs that have reached it, so its own run is the last.
    runs = (*(found.runs if found else ()), run)
    tensor = tf.concat([found.parts[0], output], axis=0) if found else output
    return Stacked(runs, (tensor,) * max(len(layer.outputs), 1))
