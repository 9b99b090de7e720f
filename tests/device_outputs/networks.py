"""Two archives whose chip can be played: what it would give is what their integers compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatGraph
from utils.backends.stages.device_step import device_step
from utils.backends.stages.runs import QuantizedRun
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.measurements.output_kind import WhatIsJudged
from utils.quantizer.integers import coded_layers
from utils.quantizer.writer import build_quantized_har
from utils.stages import StageRequest, Step

SAMPLES = 12
MEAN, STD = (123.7, 116.3, 103.5), (58.4, 57.1, 57.4)
Arrays = dict[str, NDArray[Any]]


def pictures(height: int, width: int, seed: int, count: int = SAMPLES) -> NDArray[np.uint8]:
    """Smooth coloured pictures with a bright box, (count, height, width, 3)."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    found = np.zeros((count, height, width, 3))
    for picture in found:
        for channel in range(3):
            a, b, c = random.uniform(-1, 1, 3)
            level = 60 + 60 * channel * random.uniform(0.3, 1)
            picture[:, :, channel] = level + 50 * np.sin(a * rows / 3 + b * columns / 3 + 3 * c)
        top, left = random.integers(0, height // 2), random.integers(0, width // 2)
        picture[top : top + height // 3, left : left + width // 3] = random.uniform(0, 255, 3)
    noise = random.normal(0, 6, found.shape)
    return np.clip(found + noise, 0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Chip:
    """An archive, its samples, and what its integers give for them.

    Parameters
    ----------
    samples : by name of the input layer.
    names : of the layers in front of the outputs, as a HEF names them, by output layer.
    """

    model: Model
    run: QuantizedRun
    samples: Arrays
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs(self) -> list[str]:
        """Names of the output layers."""
        return [layer.name for layer in self.model.network.output_layers]

    def values(self, samples: Mapping[str, NDArray[Any]] | None = None) -> Arrays:
        """What the chip gives in FLOAT32, by the names of the HEF."""
        found = self.run.run(self.samples if samples is None else samples, self.outputs)
        return {self.names[name]: np.array(values) for name, values in found.items()}

    def codes(self, samples: Mapping[str, NDArray[Any]] | None = None) -> Arrays:
        """The same as codes, uint8 or uint16."""
        found = {}
        for name, values in self.values(samples).items():
            encoding = self.model.encoding(name)
            assert encoding
            codes = np.rint(values / encoding.scales + encoding.zero_points)
            found[name] = codes.astype(np.uint16 if codes.max() > 255 else np.uint8)
        return found

    def step(self, *dumps: Path, judged: WhatIsJudged | None = None, **given: Any) -> Step:
        """What the tool says of dumps; `given` are further facts of the request."""
        request = StageRequest(device_outputs=tuple(map(str, dumps)), **given)
        judged = judged or WhatIsJudged()
        return device_step(request, self.model, self.run, self.samples, judged)

    def said(self, folder: Path, outputs: Mapping[str, NDArray[Any]]) -> Step:
        """What the tool says of outputs in an npz file."""
        return self.step(saved(folder / "device.npz", outputs))

    def with_samples(self, samples: Arrays) -> Chip:
        """The same archive with other samples."""
        return replace(self, samples=samples)


Constants = tuple[tuple[float, ...], tuple[float, ...]]
PIXELS: Constants = (MEAN, STD)
SCALED: Constants = ((0.45, 0.4, 0.5), (0.25, 0.25, 0.25))


def fork(head: str = "linear", constants: Constants = PIXELS) -> FloatGraph:
    """A residual block, then two heads of one shape."""
    net = FloatGraph("fork", np.random.default_rng(3))
    last = normalized(net, (24, 24, 3), constants)
    last = net.add_conv("conv1", last, 3, 8, stride=2)
    branch = net.add_conv("conv2", last, 3, 8)
    branch = net.add_conv("conv3", branch, 3, 8, activation="linear")
    last = net.add("ew_add1", "ew_add", (last, branch), (12, 12, 8), activation="relu")
    for number in (4, 5):
        net.add_output(net.add_conv(f"conv{number}", last, 1, 6, activation=head))
    return net


def line(head: str = "linear", constants: Constants = PIXELS) -> FloatGraph:
    """One path to a map that is wider than high."""
    net = FloatGraph("line", np.random.default_rng(4))
    last = normalized(net, (20, 36, 3), constants)
    last = net.add_conv("conv1", last, 3, 12, stride=2)
    last = net.add_conv("conv2", last, 3, 10, stride=2)
    net.add_output(net.add_conv("conv3", last, 3, 5, activation=head))
    return net


def normalized(net: FloatGraph, image: tuple[int, int, int], constants: Constants) -> str:
    """Append an input, and what normalizes it on the chip."""
    mean, std = constants
    source = net.add("input_layer1", "input_layer", (), image)
    name = net.add("normalization1", "normalization", (source,), image, activation="linear")
    kernel = np.asarray(1 / np.array(std), np.float32).reshape(1, 1, -1, 1)
    net.arrays[name] = {
        "kernel": kernel,
        "bias": np.asarray(-np.array(mean) / std, np.float32),
    }
    return name


NETWORKS: dict[str, Callable[[str, Constants], FloatGraph]] = {"fork": fork, "line": line}


def chip(
    name: str,
    folder: Path,
    *,
    head: str = "linear",
    samples: NDArray[Any] | None = None,
    constants: Constants = PIXELS,
    **facts: Any,
) -> Chip:
    """Calibrate, quantize and load one of the networks.

    Parameters
    ----------
    head : activation of the layers in front of the outputs.
    samples : by default pictures; calibrated with them.
    constants : mean and standard deviation of the normalization on the chip.
    """
    net = NETWORKS[name](head, constants)
    if samples is None:
        samples = pictures(*net.image[:2], seed=5)
    path = folder / f"{name}.har"
    build_quantized_har(
        str(path),
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, samples.astype(np.float32)),
        **facts,
    )
    return loaded(str(path), {net.input_name: samples})


def loaded(path: str, samples: Arrays) -> Chip:
    """An archive with samples."""
    model = load_model(path)
    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    names = {layer.name: layer.inputs[0] for layer in model.network.output_layers}
    return Chip(model, QuantizedRun(floats, quantized, 16), samples, names)


def saved(path: Path, outputs: Mapping[str, NDArray[Any]]) -> Path:
    """Write an npz file; returns its path."""
    save: Any = np.savez  # its options have types of their own, which no names of arrays fit
    save(path, **outputs)
    return path


def words(step: Step) -> list[str]:
    """Why two stages differ."""
    return [reason.word for reason in step.reasons]


def sixteen_bit(net: Sequence[str]) -> dict[str, str]:
    """Precision modes of layers whose outputs have 16 bits."""
    return dict.fromkeys(net, "a16_w16")
