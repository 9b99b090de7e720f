"""Calibration sets of pictures with one planted fault each, and archives calibrated with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.float_graph import FloatGraph
from tests.clean_networks import without_normalization
from tests.natural_images import natural_images
from tests.settled_weights import Spread, settle_weights
from utils.backends import embedded
from utils.har.network import Shape
from utils.har.quantizer.calibration import LayerStatistics
from utils.har.writer import build_quantized_har
from utils.measurements import Need

Pictures = NDArray[Any]
SAMPLES = 100
SHAPE: Shape = (40, 56, 3)  # no square, so that height and width can be told apart
WHITE = 255.0
LEVEL = "model_optimization_flavor(optimization_level=1, compression_level=0)\n"
NORMALIZATION = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
SIZE = "model_optimization_config(calibration, batch_size=4, calibset_size=100)\n"
WIDE = "a16_w16"
ALL_WIDE = f"quantization_param({{*}}, precision_mode={WIDE})\n"
BOXED, BAR = 10, 10  # every tenth picture has black bars of so many rows
SPOT = 6  # pixels; one as white and one as black as can be in every picture
NIGHT = 0.3  # how light pictures of the second camera are


class Network(Enum):
    """What takes the pictures."""

    PLAIN = "takes pixels divided by 255"
    # At 8 bit nothing would be left of pixels that are divided twice, which is worth a warning.
    NORMALIZING = "takes pixels as they are, and divides them on the chip; all at 16 bit"
    TWO_CAMERAS = "takes two pictures of one size, divided by 255: by day and by night"


class Fault(Enum):
    """What is wrong with a set, for which network, and what the command has to say of it."""

    NCHW = "channels before height and width", Network.PLAIN, "calibration-shape", "error"
    SWAPPED_AXES = "width before height", Network.PLAIN, "calibration-shape", "error"
    FEW_COPIES = "5 % are copies", Network.PLAIN, "calibration-duplicates", "warning"
    MANY_COPIES = "30 % are copies", Network.PLAIN, "calibration-duplicates", "error"
    NOISE = (
        "random numbers of the same mean and spread",
        Network.PLAIN,
        "calibration-noise",
        "error",
    )
    BLANK_FRAMES = (
        "three frames of one colour",
        Network.PLAIN,
        "calibration-constant-sample",
        "error",
    )
    NAN = "two samples hold NaN", Network.PLAIN, "calibration-not-finite", "error"
    UNIT_RANGE_IN_UINT8 = "divided by 255, then cast", Network.PLAIN, "calibration-dtype", "error"
    NORMALIZED_TWICE = (
        "divided by 255 before the chip does it",
        Network.NORMALIZING,
        "data-normalized-twice",
        "error",
    )
    FORTY_SAMPLES = "too small", Network.PLAIN, "calibration-too-few", "warning"
    FLOAT64 = "as numpy makes it", Network.PLAIN, "calibration-dtype", "info"
    SWAPPED_INPUTS = (
        "the arrays have changed places",
        Network.TWO_CAMERAS,
        "calibration-input-names",
        "warning",
    )

    @property
    def network(self) -> Network:
        """What takes the pictures."""
        return self.value[1]

    @property
    def found(self) -> tuple[str, str]:
        """Id and severity of the finding."""
        return self.value[2:]


# Faults that calibration would not get past, or that came after it: the archive is in order.
NOT_CALIBRATED_WITH = {
    Fault.NCHW,
    Fault.SWAPPED_AXES,
    Fault.NAN,
    Fault.NOISE,
    Fault.NORMALIZED_TWICE,
    Fault.UNIT_RANGE_IN_UINT8,
    Fault.SWAPPED_INPUTS,
}


@cache
def pixels(seed: int = 21) -> Pictures:
    """Smooth pictures, some of them letterboxed, uint8 (100, 40, 56, 3)."""
    height, width, _ = SHAPE
    shown = natural_images(SAMPLES, height, width, seed=seed)
    shown[::BOXED, :BAR] = shown[::BOXED, -BAR:] = 0
    return shown


def pictures(network: Network) -> dict[str, Pictures]:
    """A set without any fault, by input."""
    if network is Network.NORMALIZING:
        return {"input_layer1": pixels()}
    day = _divided(pixels())
    if network is Network.PLAIN:
        return {"input_layer1": day}
    return {"input_layer1": _with_spots(day), "input_layer2": _with_spots(_by_night())}


def _divided(shown: Pictures) -> Pictures:
    return np.asarray(shown / WHITE, dtype=np.float32)


def _by_night() -> Pictures:
    return np.asarray(_divided(pixels(seed=22)) * NIGHT)


def _with_spots(shown: Pictures) -> Pictures:
    # Both cameras reach over the same range, so that only the means tell them apart.
    spotted: Pictures = shown.copy()
    spotted[:, :SPOT, :SPOT] = 1.0
    spotted[:, -SPOT:, -SPOT:] = 0.0
    return spotted


def faulty(fault: Fault) -> dict[str, Pictures]:
    """The set with its fault, by input."""
    sound = pictures(fault.network)
    if fault is Fault.SWAPPED_INPUTS:
        first, second = sound.values()
        return {"input_layer1": second, "input_layer2": first}
    return {"input_layer1": SPOILED[fault](sound["input_layer1"].copy())}


def _copied(shown: Pictures, copies: int) -> Pictures:
    shown[-copies:] = shown[:copies]
    return shown


def _noise(shown: Pictures) -> Pictures:
    mean, std, low, high = (of(shown, axis=(0, 1, 2)) for of in (np.mean, np.std, np.min, np.max))
    noise = np.random.default_rng(31).normal(mean, std, shown.shape)
    return np.asarray(np.clip(noise, low, high), dtype=np.float32)


def _blank(shown: Pictures) -> Pictures:
    shown[[7, 20, 55]] = (0.0, 0.0, 0.4)
    return shown


def _with_nan(shown: Pictures) -> Pictures:
    shown[[12, 80], 3, 4, 1] = np.nan
    return shown


SPOILED: Mapping[Fault, Callable[[Pictures], Pictures]] = {
    Fault.NCHW: lambda shown: shown.transpose(0, 3, 1, 2),
    Fault.SWAPPED_AXES: lambda shown: shown.transpose(0, 2, 1, 3),
    Fault.FEW_COPIES: lambda shown: _copied(shown, 5),
    Fault.MANY_COPIES: lambda shown: _copied(shown, 30),
    Fault.NOISE: _noise,
    Fault.BLANK_FRAMES: _blank,
    Fault.NAN: _with_nan,
    Fault.UNIT_RANGE_IN_UINT8: lambda shown: shown.astype(np.uint8),
    Fault.NORMALIZED_TWICE: _divided,
    Fault.FORTY_SAMPLES: lambda shown: shown[:40],
    Fault.FLOAT64: lambda shown: shown.astype(np.float64),
}


def write_set(folder: Path, network: Network, fault: Fault | None = None) -> tuple[str, str]:
    """Write an archive and the set, with a fault or without; returns both paths."""
    sound = pictures(network)
    given = faulty(fault) if fault else sound
    has_seen = sound if fault is None or fault in NOT_CALIBRATED_WITH else given
    path = folder / "model.har"
    _write_archive(path, network, has_seen)
    if len(given) == 1:
        data = folder / "set.npy"
        np.save(data, given["input_layer1"])
    else:
        data = folder / "set.npz"
        np.savez(data, **dict[str, Any](given))
    return str(path), str(data)


def _write_archive(path: Path, network: Network, seen: Mapping[str, Pictures]) -> None:
    made, is_wide = _settled(network), network is Network.NORMALIZING
    values = {f"{made.name}/{name}": found.astype(np.float32) for name, found in seen.items()}
    measured = embedded.measure_model(
        made.network(), made, [values], Need.PREACTIVATION_STATISTICS, {}, {}, lambda _: None
    )
    build_quantized_har(
        str(path),
        name=made.name,
        network=made.network(),
        weights=made.weights(),
        statistics={
            name: LayerStatistics(layer.output, layer.preactivation)
            for name, layer in measured.layers.items()
        },
        precision_modes=dict.fromkeys(made.layers, WIDE) if is_wide else {},
        script=(NORMALIZATION if is_wide else "") + LEVEL + SIZE + (ALL_WIDE if is_wide else ""),
        optimization_level=1,
        algorithms_run=("bias_correction",),
        **_as_parsed(made),
    )


def _as_parsed(made: FloatGraph) -> dict[str, Any]:
    """The model before the script added its normalization, if it did."""
    added = f"{made.name}/normalization1"
    if added not in made.layers:
        return {}
    weights = {key: array for key, array in made.weights().items() if not key.startswith(added)}
    return {"native_network": without_normalization(made.network()), "native_weights": weights}


@cache
def _settled(network: Network) -> FloatGraph:
    """The network, as if it had been trained on the pictures without a fault."""
    made = FloatGraph("net", np.random.default_rng(6))
    last = made.add("input_layer1", "input_layer", (), SHAPE)
    if network is Network.NORMALIZING:
        last = made.add("normalization1", "normalization", (last,), SHAPE, activation="linear")
        kernel = np.full((1, 1, 3, 1), 1 / WHITE, np.float32)
        made.arrays[last] = {"kernel": kernel, "bias": np.zeros(3, np.float32)}
    last = made.add_conv("conv1", last, 3, 16, stride=2)
    last = made.add_conv("conv2", last, 3, 24, stride=2)
    last = made.add_conv("conv3", last, 1, 8, activation="linear")
    head = {last: Spread(reach=3.0)}
    shown = pictures(network)["input_layer1"].astype(np.float32)
    if network is not Network.TWO_CAMERAS:
        made.add("output_layer1", "output_layer", (last,), made.shape(last))
        settle_weights(made, shown, head, classes=1)
        return made
    settle_weights(made, shown, head, classes=1)
    return _doubled(made)


def _doubled(half: FloatGraph) -> FloatGraph:
    """A second branch with the weights of the first, and the sum of both."""
    made = FloatGraph(half.name, half.random)
    ends = []
    for camera in (0, 1):
        last = made.add(f"input_layer{camera + 1}", "input_layer", (), SHAPE)
        for number, (size, channels, stride) in enumerate(((3, 16, 2), (3, 24, 2), (1, 8, 1)), 1):
            activation = "linear" if number == 3 else "relu"
            name = f"conv{3 * camera + number}"
            last = made.add_conv(name, last, size, channels, stride, activation)
            made.arrays[last] = half.arrays[f"{half.name}/conv{number}"]
        ends.append(last)
    shape = made.shape(ends[0])
    last = made.add("ew_add1", "ew_add", (ends[0], ends[1]), shape, activation="linear")
    made.add("output_layer1", "output_layer", (last,), shape)
    return made
