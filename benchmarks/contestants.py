"""What the benchmarks compare; each function prepares one way and returns its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import onnxruntime
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.float_graph import FloatArray, FloatGraph
from benchmarks.onnx_graph import to_onnx
from utils.backends.networks import both_read
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.measuring.engine_pass import engine_pass
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model
from utils.measurements import HISTOGRAM_BINS, PREACTIVATION_TYPES, Measurements, Need

Images = NDArray[Any]  # of bytes, as they lie in a file, or of floats
Fetch = Callable[[Mapping[str, LayerTensors]], dict[str, tf.Tensor]]
EVERYTHING = ~Need.NOTHING


def batches_of(name: str, images: Images, size: int) -> Iterator[dict[str, FloatArray]]:
    """Images in batches of `size`, the last perhaps smaller, for the input of this name."""
    for start in range(0, len(images), size):
        yield {name: images[start : start + size].astype(np.float32)}


def float_pass(model: Model, size: int) -> Callable[[Images], Measurements]:
    """Our data pass with every measurement of the float network that an inspector can ask for."""
    emulator = FloatEmulator(model.float_network, model.float_parameters)
    prepared = engine_pass(emulator, EVERYTHING, model.calibrated_ranges())
    return lambda images: prepared.run(batches_of(_input(model), images, size))


def full_pass(model: Model, size: int) -> Callable[[Images], Measurements]:
    """The same with the integers beside it, and the noise of every layer and output."""
    return _both(model, size, EVERYTHING)


def noise_alone(model: Model, size: int) -> Callable[[Images], Measurements]:
    """Both networks, and of every layer no more than its noise and what decides at outputs."""
    return _both(model, size, Need.NOTHING)


def _both(model: Model, size: int, need: Need) -> Callable[[Images], Measurements]:
    emulator, stored = both_read(model)
    quantized = QuantizedEmulator(emulator, model.network, stored)
    prepared = engine_pass(emulator, need, model.calibrated_ranges(), quantized)
    return lambda images: prepared.run(batches_of(_input(model), images, size))


def _input(model: Model) -> str:
    return model.float_network.input_layers[0].name


def onnx_forward(net: FloatGraph, images: Images, threads: int) -> Callable[[int, int], None]:
    """A bare forward pass of so many images in onnxruntime, at any batch size."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(to_onnx(net), settings, ["CPUExecutionProvider"])
    columns = np.ascontiguousarray(images.transpose(0, 3, 1, 2))

    def forward(count: int, size: int) -> None:
        for batch in batches_of(net.input_name, columns[:count], size):
            session.run(None, batch)

    return forward


def three_sweeps(model: Model) -> Callable[[Images], object]:
    """One sweep at batch size 1 for each of three inspectors, tensors reduced in numpy.

    Each sweep runs the whole network and fetches what its inspector needs.
    """
    emulator = FloatEmulator(model.float_network, model.float_parameters)
    entering, ranges = _input(model), model.calibrated_ranges()
    result = emulator.network.output_layers[0].name
    weighted = [layer.name for layer in emulator.layers if layer.type in PREACTIVATION_TYPES]
    normalization = _fetcher(emulator, lambda t: {n: t[n].output for n in (entering, result)})
    preactivations = _fetcher(emulator, lambda t: {n: t[n].preactivation for n in weighted})
    outputs = _fetcher(emulator, lambda t: {n: t[n].output for n in ranges})

    def sweeps(images: Images) -> None:
        batches = [*batches_of(entering, images, 1)]
        np.mean([_moments(normalization(batch)[entering]) for batch in batches], axis=0)
        moments: dict[str, list[FloatArray]] = {name: [] for name in weighted}
        for batch in batches:
            for name, values in preactivations(batch).items():
                moments[name].append(_moments(values))
        counts = {name: np.zeros(HISTOGRAM_BINS, np.int64) for name in ranges}
        for batch in batches:
            for name, values in outputs(batch).items():
                counts[name] += np.histogram(values, HISTOGRAM_BINS, ranges[name])[0]

    return sweeps


def _moments(values: FloatArray) -> FloatArray:
    return np.stack([values.mean(axis=(0, 1, 2)), values.std(axis=(0, 1, 2))])


def _fetcher(
    emulator: FloatEmulator, fetch: Fetch
) -> Callable[[Mapping[str, FloatArray]], dict[str, FloatArray]]:
    def fetched(batch: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        computed = fetch(emulator.forward(emulator.tensors(batch)))
        return {name: value.numpy() for name, value in computed.items()}

    return fetched
