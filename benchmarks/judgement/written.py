"""A situation on disk, and what it costs: the network before the fault and behind it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.situation import Integers, Samples, Situation, Statistics
from benchmarks.judgement.training import float_outputs
from utils.backends import embedded
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import load_model
from utils.measurements import Need
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.integers import coded_layers
from utils.quantizer.writer import build_quantized_har, write_archive

Array = NDArray[Any]

CHUNK = 64
SILENT_DB = 99.0  # for outputs without any error


@dataclass(frozen=True)
class Harm:
    """What a situation costs.

    Parameters
    ----------
    before, after : score of the float network on right samples, and of the deployed one.
    snr_db : median over samples of the worst output against that float network.
    """

    before: float
    after: float
    snr_db: float

    @property
    def lost(self) -> float:
        """Lost share of the score."""
        return (self.before - self.after) / max(self.before, 1e-6)


def write(situation: Situation, folder: Path) -> tuple[list[str], Harm]:
    """Write all files; returns the arguments of the command, and the harm."""
    graph = situation.graph
    path = str(folder / f"{graph.name}.har")
    seen = _statistics(graph, situation.calibration)
    for change in situation.of_statistics:
        seen = change(seen)
    parsed = graph.parsed()
    kept = {layer.name for layer in parsed}
    build_quantized_har(
        path,
        name=graph.name,
        network=graph.network(),
        weights=graph.weights(),
        statistics=seen,
        precision_modes=situation.modes,
        script=situation.script,
        optimization_level=situation.level,
        compression_level=situation.compression,
        algorithms_run=situation.algorithms,
        tuned_weights=situation.tuned,
        equalization=None if situation.equalized else {},
        native_network=parsed,
        native_weights={k: v for k, v in graph.weights().items() if k.rpartition("/")[0] in kept},
    )
    if situation.of_integers:
        change_integers(path, situation.of_integers)
    arguments = [path, "-d", _write_samples(graph, situation.data, folder), *situation.options]
    arguments += ["--no-interactive", "--image-dir", str(folder)]
    run = quantized_outputs(path)
    outputs: Samples | None = None
    if situation.of_chip is not None:
        arguments += ["--device-outputs", str(folder / "outputs.npz")]
        outputs = situation.of_chip(run(situation.chip_frames(list(situation.data))))
        names = list(graph.outputs)
        np.savez(folder / "outputs.npz", **dict(zip(names, outputs, strict=True)))  # type: ignore[arg-type]
    if situation.with_reference:
        from benchmarks.onnx_graph import to_onnx

        original = folder / "original.onnx"
        original.write_bytes(to_onnx(situation.task.graph))
        arguments += ["--reference", str(original)]
    return arguments, _harm(situation, run, outputs)


def quantized_outputs(path: str) -> Callable[[Samples], Samples]:
    """A function that runs samples through the integers of an archive."""
    model = load_model(path)
    floats = FloatEmulator(model.float_network, model.float_parameters)
    integers = QuantizedEmulator(floats, model.network, coded_layers(model))
    inputs = [layer.name for layer in model.float_network.input_layers]
    outputs = [layer.name for layer in model.network.output_layers]

    def run(samples: Samples) -> Samples:
        found = []
        for start in range(0, len(samples[0]), CHUNK):
            parts = (np.asarray(x[start : start + CHUNK], np.float32) for x in samples)
            tensors = floats.tensors(dict(zip(inputs, parts, strict=True)))
            codes = integers.forward(tensors)
            found.append([codes[name].output.values.numpy() for name in outputs])
        return [np.concatenate(parts) for parts in zip(*found, strict=True)]

    return run


def _harm(situation: Situation, run: Callable[[Samples], Samples], chip: Samples | None) -> Harm:
    task = situation.task
    if chip is not None:  # what the chip gave for the very samples
        rows: Any = situation.given_rows
        right = [x[rows] for x in task.samples]
        found = chip
    else:
        rows = slice(-task.tests, None)
        right = [x[rows] for x in task.samples]
        found = situation.parted(run(situation.deployed(right)))
    wanted = float_outputs(task.graph, right)
    truth = task.truth[rows]
    try:
        after = task.score(found, truth)
        pairs = zip(task.kinds, wanted, found, strict=True)
        snr = min(snr_db(kind, one, other) for kind, one, other in pairs)
    except (ValueError, IndexError):  # another shape
        after, snr = 0.0, 0.0
    return Harm(task.score(wanted, truth), after, snr)


def snr_db(kind: str, wanted: Array, found: Array) -> float:
    """SNR in dB: of numbers that each mean something, of the worst of them about its mean.

    Of all other outputs the median over the samples.
    """
    if kind == "regression":
        error = np.square(wanted - found, dtype=np.float64)
        rows = error.reshape(-1, error.shape[-1]).mean(0)
        signal = wanted.reshape(-1, wanted.shape[-1]).var(0, dtype=np.float64)
    else:
        signal, rows = (
            np.square(values, dtype=np.float64).reshape(len(wanted), -1).sum(1)
            for values in (wanted, wanted - found)
        )
    ratio = 10 * np.log10(np.maximum(signal, 1e-30) / np.maximum(rows, 1e-30))
    worst = ratio.min() if kind == "regression" else np.median(ratio)
    return float(min(worst, SILENT_DB))


def _statistics(graph: TrainableGraph, samples: Sequence[Array]) -> Statistics:
    count = len(samples[0])
    batches = [
        {
            name: np.asarray(x[start : start + CHUNK], np.float32)
            for name, x in zip(graph.inputs, samples, strict=True)
        }
        for start in range(0, count, CHUNK)
    ]
    measured = embedded.measure_model(
        graph.network(),
        graph,
        batches,
        Need.PREACTIVATION_STATISTICS,
        {},
        {},
        on_batch=lambda samples: None,
    )
    return {
        name: LayerStatistics(layer.output, layer.preactivation)
        for name, layer in measured.layers.items()
    }


def _write_samples(graph: TrainableGraph, samples: Samples, folder: Path) -> str:
    if len(samples) == 1:
        path = folder / "calibset.npy"
        np.save(path, samples[0])
        return str(path)
    path = folder / "calibset.npz"
    names = [name.rpartition("/")[2] for name in graph.inputs]
    np.savez(path, **dict(zip(names, samples, strict=True)))  # type: ignore[arg-type]
    return str(path)


def change_integers(path: str, changes: Sequence[Callable[[Integers], None]]) -> None:
    """Change the integers that an archive holds, as a faulty compiler or disk would."""
    with tarfile.open(path) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    metadata = json.loads(members.pop(next(n for n in members if n.endswith(".metadata.json"))))
    name = metadata["params_translated"]
    with np.load(io.BytesIO(members[name])) as stored:
        arrays = dict(stored)
    for change in changes:
        change(arrays)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    members[name] = stream.getvalue()
    write_archive(path, metadata, members)
