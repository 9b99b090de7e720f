"""Small networks as archives with integers, loaded with both engines beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.emulator.networks import Arrays, conv, images, pool, splitter, weights
from tests.fixtures.builders import build_layer, build_network
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.har.network import Layer, Network
from utils.quantizer.calibration import LayerStatistics, statistics_from_arrays
from utils.quantizer.integers import coded_layers
from utils.quantizer.writer import build_quantized_har

FloatArray = NDArray[np.float32]
Batch = dict[str, FloatArray]
INPUT = "net/input_layer1"


@dataclass(frozen=True)
class Pair:
    """An archive, its float network and its quantized network."""

    path: str
    model: Model
    floats: FloatEmulator
    quantized: QuantizedEmulator

    def codes(self, batch: Mapping[str, Any]) -> dict[str, FloatArray]:
        """What every layer of the quantized network holds: codes, or values where not coded."""
        found = self.quantized.forward(self.floats.tensors(batch))
        return {name: tensors.output.codes.numpy() for name, tensors in found.items()}

    def float_values(self, batch: Mapping[str, Any]) -> dict[str, FloatArray]:
        """What every layer of the float network computes."""
        return self.floats.run(batch, [layer.name for layer in self.floats.layers])


def loaded(path: str, model: Model | None = None) -> Pair:
    model = model or load_model(path)
    floats = FloatEmulator(model.float_network, model.float_parameters)
    return Pair(path, model, floats, QuantizedEmulator(floats, model.network, coded_layers(model)))


def statistics_of(network: Network, arrays: Arrays, batch: Batch) -> dict[str, LayerStatistics]:
    """Calibration: what the float network computes for a batch, at every place."""
    by_layer: dict[str, Arrays] = {}
    for key, value in arrays.items():
        name, _, suffix = f"net/{key}".rpartition("/")
        by_layer.setdefault(name, {})[suffix] = value

    class Given:
        def layer(self, name: str) -> Arrays:
            return by_layer.get(name, {})

    floats = FloatEmulator(network, Given())
    assert not floats.not_measured, floats.not_measured
    computed = floats.forward(floats.tensors(batch))
    before = {name: tensors.preactivation for name, tensors in computed.items()}
    return statistics_from_arrays(
        network,
        {name: tensors.output.numpy() for name, tensors in computed.items()},
        {name: tensor.numpy() for name, tensor in before.items() if tensor is not None},
    )


def quantized_pair(
    path: Path,
    layers: Sequence[Layer],
    arrays: Arrays,
    batch: Batch,
    modes: Mapping[str, str] | None = None,
    **facts: Any,
) -> Pair:
    """Calibrate a network on a batch, quantize it, write and load it."""
    network = build_network([_plain(layer) for layer in layers])
    build_quantized_har(
        str(path),
        name="net",
        network=network,
        weights={f"net/{key}": value for key, value in arrays.items()},
        statistics=statistics_of(network, arrays, batch),
        precision_modes=modes,
        **facts,
    )
    return loaded(str(path))


def _plain(layer: Layer) -> Layer:
    """Without a precision mode of its own: the writer gives it one."""
    return Layer(**{**layer.__dict__, "quantization_params": {}})


def weights_of(layers: Sequence[Layer]) -> Arrays:
    """Random kernels and biases for all layers that take any."""
    found: Arrays = {}
    for seed, layer in enumerate(layers):
        name, channels = layer.base_name, layer.output_shape[2]
        if layer.type == "normalization":
            found[f"{name}/kernel"] = 1 + weights(1, 1, channels, 1, seed=seed) / 4
            found[f"{name}/bias"] = weights(channels, seed=seed)
        elif layer.type in ("conv", "dw", "dense"):
            shape = layer.params["kernel_shape"]
            found[f"{name}/kernel"] = 1.5 * weights(*shape, seed=seed)
            found[f"{name}/bias"] = weights(channels, seed=seed)
    return found


def dense(name: str, inputs: Sequence[str], fan_in: int, channels: int, activation: str) -> Layer:
    return build_layer(
        name,
        "dense",
        inputs=inputs,
        shape=(1, 1, channels),
        kernel_shape=[fan_in, channels],
        activation=activation,
    )


def output(number: int, source: str, shape: tuple[int, int, int]) -> Layer:
    return build_layer(f"output_layer{number}", inputs=[source], shape=shape)


def windows_layers() -> list[Layer]:
    """Convolutions of every kind behind a tensor whose zero point is not 0; padding shows it."""
    shape = (9, 8, 4)
    half = (5, 4, 6)
    layers = [
        build_layer("input_layer1", shape=shape),
        conv("conv1", ["input_layer1"], shape, 4, activation="linear"),
        conv("conv2", ["conv1"], half, 4, strides=[1, 2, 2, 1], padding="SAME"),
        conv("conv3", ["conv1"], half, 4, strides=[1, 2, 2, 1], activation="sigmoid"),
        conv("conv4", ["conv1"], (9, 8, 6), 4, dilations=[1, 2, 2, 1], activation="silu"),
        conv("conv5", ["conv1"], (9, 8, 6), 2, groups=2, activation="relu6"),
        conv(
            "conv6",
            ["conv1"],
            (7, 7, 3),
            4,
            kernel_shape=[3, 2, 4, 3],
            padding="VALID",
            activation="leaky",
        ),
        _depthwise("dw1", "conv1", (5, 4, 4), strides=[1, 2, 2, 1], padding="SAME"),
        _depthwise("dw2", "conv1", shape, dilations=[1, 2, 2, 1], activation="tanh"),
        dense("fc1", ["conv6"], 7 * 7 * 3, 5, "linear"),
    ]
    ends = ["conv2", "conv3", "conv4", "conv5", "dw1", "dw2", "fc1"]
    shapes = {layer.base_name: layer.output_shape for layer in layers}
    return layers + [output(i + 1, name, shapes[name]) for i, name in enumerate(ends)]


def _depthwise(name: str, source: str, shape: tuple[int, int, int], **params: Any) -> Layer:
    return conv(name, [source], shape, shape[2], kernel_shape=[3, 3, shape[2], 1], **params)


def chain_layers() -> list[Layer]:
    """One path: normalization, convolutions with a scale per channel, pools, dense layers."""
    return [
        build_layer("input_layer1", shape=(8, 8, 3)),
        build_layer("normalization1", inputs=["input_layer1"], shape=(8, 8, 3)),
        conv("conv1", ["normalization1"], (8, 8, 8), 3),
        pool("maxpool1", ["conv1"], (4, 4, 8)),
        conv("conv2", ["maxpool1"], (4, 4, 8), 8),
        build_layer("activation1", inputs=["conv2"], shape=(4, 4, 8), activation="sigmoid"),
        _avgpool("avgpool1", "activation1", (2, 2, 8)),
        dense("fc1", ["avgpool1"], 32, 16, "relu"),
        dense("fc2", ["fc1"], 16, 12, "relu"),
        dense("fc3", ["fc2"], 12, 3, "sigmoid"),
        output(1, "fc3", (1, 1, 3)),
    ]


def _avgpool(name: str, source: str, shape: tuple[int, int, int]) -> Layer:
    return build_layer(
        name,
        inputs=[source],
        shape=shape,
        kernel_shape=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        padding="VALID",
    )


def joins_layers() -> list[Layer]:
    """Branches that meet: concat, sums of both kinds, splitters, resizes."""
    big, small = (6, 6, 4), (3, 3, 4)
    return [
        build_layer("input_layer1", shape=(6, 6, 3)),
        conv("conv1", ["input_layer1"], big, 3),
        conv("conv2", ["conv1"], big, 4, activation="linear"),
        conv("conv3", ["conv2", "conv1"], big, 4, elementwise_add=True),
        build_layer("ew_add1", inputs=["conv1", "conv3"], shape=big, activation="relu"),
        build_layer("concat1", inputs=["conv2", "ew_add1"], shape=(6, 6, 8)),
        splitter("feature_splitter1", ["concat1"], [big, big]),
        conv("conv4", ["feature_splitter1"], big, 4),
        conv("conv5", ["feature_splitter1"], big, 4, activation="linear"),
        pool("maxpool1", ["conv5"], small),
        _resize("resize1", "maxpool1", big, "nearest_neighbor"),
        _resize("resize2", "maxpool1", big, "bilinear"),
        build_layer("concat2", inputs=["resize1", "resize2", "conv4"], shape=(6, 6, 12)),
        conv("conv6", ["concat2"], (6, 6, 2), 12, activation="linear"),
        output(1, "conv6", (6, 6, 2)),
        output(2, "concat2", (6, 6, 12)),
    ]


def _resize(name: str, source: str, shape: tuple[int, int, int], method: str) -> Layer:
    return build_layer(
        name,
        inputs=[source],
        shape=shape,
        method=method,
        resize_h_ratio_list=[2.0],
        resize_w_ratio_list=[2.0],
        resize_bilinear_pixels_mode="half_pixels",
    )


NETWORKS = {"windows": windows_layers, "chain": chain_layers, "joins": joins_layers}


def pair_of(
    kind: str, folder: Path, modes: Mapping[str, str] | None = None, samples: int = 6
) -> tuple[Pair, Batch]:
    """One of the networks, and data like those it was calibrated on, only wider: some clip."""
    layers = NETWORKS[kind]()
    shape = layers[0].output_shape
    calibration = {INPUT: images(8, *shape, seed=21)}
    pair = quantized_pair(
        folder / f"{kind}.har", layers, weights_of(layers), calibration, modes=modes
    )
    return pair, {INPUT: np.float32(1.3) * images(samples, *shape, seed=22)}
