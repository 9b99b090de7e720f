"""What each layer does by itself: at the layer, and at the outputs.

A layer that alone is quantized adds an error to its float output; the float network behind it is
run again with that error in place, and what arrives at the outputs is the layer's noise there.
Many layers are done in one sweep, each running only what lies behind it.

Samples are taken one after the other, as many as the work allowed suffices for, and no more than
it takes for the order of the worst layers to be settled. Where it does not suffice for all layers,
those come first that add most to their own output.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.local_errors import noise_sources
from utils.emulator.measuring.sweeps import Sweep, Swept, run_sweep, stacks
from utils.emulator.measuring.work import AS_INTEGERS, total_work, work_behind
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.reach import reaching
from utils.measurements.merging import merge_into
from utils.measurements.noise import Sensitivity, TensorNoise, decibels

# The order is settled when as many of the worst layers stay the same in so many redraws.
WORST = 5
REDRAWS, SETTLED = 200, 0.95
# With fewer the redraws say little: outputs of few values differ much from sample to sample.
FEWEST_SAMPLES = 16
SEED = 20

# Who runs sweeps: these, and the work of all of them together.
RunSweeps = Callable[[Sequence[Sweep], float], Iterator[Swept]]


@dataclass
class _Energies:
    """Energies that were measured so far, one number for each sample.

    Parameters
    ----------
    signal : of every output, by output.
    noise : at every output, by layer and output.
    """

    signal: dict[str, list[float]] = field(default_factory=dict)
    noise: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def add_signal(self, energies: Mapping[str, NDArray[np.float64]]) -> None:
        """Add samples, by output."""
        for output, values in energies.items():
            self.signal[output] += values.tolist()

    def add_noise(self, energies: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> None:
        """Add samples of some layers, by layer and output."""
        for name, found in energies.items():
            by_output = self.noise.setdefault(name, {output: [] for output in self.signal})
            for output, values in found.items():
                by_output[output] += values.tolist()

    def snr_db(self) -> dict[str, dict[str, float]]:
        """SNR at every output when one layer alone is quantized, over the samples of that layer."""
        return {
            name: {
                output: decibels(sum(self.signal[output][: len(each)]), sum(each))
                for output, each in by_output.items()
            }
            for name, by_output in self.noise.items()
        }

    def is_settled(self) -> bool:
        """Whether other samples of the same kind would name the same worst layers."""
        return all(self._is_settled_at(output) for output in self.signal)

    def _is_settled_at(self, output: str) -> bool:
        names = [name for name, by_output in self.noise.items() if any(by_output[output])]
        drawn = np.array([self.noise[name][output] for name in names])
        if len(names) <= WORST:
            return True
        if not np.isfinite(drawn).all():
            return False
        random = np.random.default_rng(SEED)
        samples = drawn.shape[1]
        redraws = random.multinomial(samples, np.full(samples, 1 / samples), REDRAWS)
        worst = _worst(drawn @ redraws.T)
        return bool((worst == _worst(drawn.sum(axis=1, keepdims=True))).mean() >= SETTLED)


def _worst(energies: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which rows are largest in every column, in no order: (WORST, columns)."""
    return np.sort(np.argsort(-energies, axis=0)[:WORST], axis=0)


def measured_sensitivity(
    floats: FloatEmulator,
    quantized: QuantizedEmulator,
    batches: Sequence[Batch],
    outputs: Collection[str],
    work: float = math.inf,
) -> Sensitivity:
    """Local noise of layers, and their noise at the outputs; see `Search`."""
    found = Sensitivity(0)
    for found in Search(floats, quantized, outputs, work).refined(batches):  # noqa: B007
        pass
    return found


def sources_reaching(
    floats: FloatEmulator, quantized: QuantizedEmulator, outputs: Collection[str]
) -> list[str]:
    """Layers that add noise, and from which it reaches any of these outputs."""
    reached = reaching(floats.network, outputs)
    return [s.name for s in noise_sources(floats, quantized) if s.name in reached]


def reachable_outputs(floats: FloatEmulator) -> list[str]:
    """Output layers that are emulated."""
    names = (layer.name for layer in floats.network.output_layers)
    return [name for name in names if name not in floats.not_measured]


class Search:
    """The search for the layers that harm outputs most.

    Attributes
    ----------
    spent : multiply-accumulates that it took so far.
    """

    def __init__(
        self,
        floats: FloatEmulator,
        quantized: QuantizedEmulator,
        outputs: Collection[str],
        work: float = math.inf,
    ) -> None:
        """Say what is looked for.

        Parameters
        ----------
        outputs : output layers for which it is made.
        work : multiply-accumulates that it may take; infinite for every layer on every sample.
        """
        self._floats = floats
        self._quantized = quantized
        self._work = work
        self._outputs = tuple(name for name in reachable_outputs(floats) if name in outputs)
        self._names = self._chosen = tuple(sources_reaching(floats, quantized, outputs))
        self._behind = work_behind(floats.network, self._names)
        self._local: dict[str, TensorNoise] = {}
        self._energies = _Energies({output: [] for output in self._outputs})
        # The float network, and every layer by itself.
        self._fixed = (1 + AS_INTEGERS) * total_work(floats.network)
        self._samples = 0
        self.spent = 0.0

    def most_work(self, samples: int) -> float:
        """What it will take at most, on so many samples."""
        return min(self._cost * samples, max(self._work, self._fixed))

    def refined(
        self,
        batches: Sequence[Batch],
        run: RunSweeps | None = None,
        is_spread: Callable[[float], bool] = lambda work: False,
    ) -> Iterator[Sensitivity]:
        """What is known after some samples, after more of them, and so on to the end.

        Parameters
        ----------
        batches : the samples to measure on, as many of them as the work suffices for.
        run : who runs sweeps over them; by default this process.
        is_spread : whether sweeps of so much work are to be as small as they can be.

        Raises
        ------
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
        run = run or partial(self._run_here, batches)
        for first, stop in self._chunks(batches):
            work = self._cost * (stop - first)
            found = list(run(self._sweeps(first, stop, is_spread(work)), work))
            self._add(found, stop - first)
            yield self._found()

    def _run_here(
        self, batches: Sequence[Batch], sweeps: Sequence[Sweep], work: float
    ) -> Iterator[Swept]:
        del work
        return (run_sweep(self._floats, self._quantized, batches, sweep) for sweep in sweeps)

    def _chunks(self, batches: Sequence[Batch]) -> Iterator[tuple[int, int]]:
        """Samples as they are taken, until there are enough: the first, and that behind the last.

        Whether there are is asked at 16, 32, 64, ... samples, so the size of the batches, which
        bounds that of the chunks, does not matter.
        """
        total = sum(map(sample_count, batches))
        largest = max(map(sample_count, batches), default=1)
        until = total
        if self._work < math.inf:
            until = max(min(FEWEST_SAMPLES, int(self._work / self._cost)), 1)
        while self._samples < total:
            yield self._samples, min(self._samples + largest, until, total)
            if self._samples == until < total:
                until = min(2 * until, int(self._work / self._cost))
                if until <= self._samples or self._energies.is_settled():
                    return

    @property
    def _cost(self) -> float:
        """Work for one sample."""
        return self._fixed + sum(self._behind[name] for name in self._chosen)

    def _sweeps(self, first: int, stop: int, is_spread: bool) -> list[Sweep]:
        """One sweep; several where all layers are run on anyway, and they are to be small."""
        left, outputs = self._work - self._fixed, self._outputs
        chosen = self._chosen if first else None
        if is_spread and self._names and sum(self._behind.values()) <= left:
            groups = stacks(self._floats, self._names, stop - first)
            return [Sweep(first, stop, group, outputs, _of(group, chosen)) for group in groups]
        return [Sweep(first, stop, self._names, outputs, chosen, left)]

    def _add(self, found: Sequence[Swept], samples: int) -> None:
        """Add what came of all layers on so many more samples."""
        for swept in found:
            for name, noise in swept.local.items():
                merge_into(self._local, name, noise)
            self._energies.add_noise(swept.noise)
        self._chosen = tuple(name for swept in found for name in swept.noise)
        self._energies.add_signal(found[0].signal)
        self._samples += samples
        self.spent += self._cost * samples

    def _found(self) -> Sensitivity:
        decibel = self._energies.snr_db()
        replayed = {name: decibel[name] for name in self._names if name in decibel}
        return Sensitivity(self._samples, dict(self._local), replayed, frozenset(replayed))


def _of(group: tuple[str, ...], chosen: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Those of a group that are chosen, where that is known already."""
    return None if chosen is None else tuple(name for name in group if name in chosen)
