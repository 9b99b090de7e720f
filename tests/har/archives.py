"""Small archives with defaults: a test overrides only what it is about.

The network has the architecture that real sample archives have: convolutions and max-pooling,
a hidden dense layer, one sigmoid output. Its statistics come from a forward pass in NumPy.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fixtures.builders import build_layer, build_network, chain
from utils.har.network import Layer, Network
from utils.quantizer.calibration import LayerStatistics, statistics_from_arrays
from utils.quantizer.writer import build_quantized_har, write_archive

Weights = dict[str, NDArray[Any]]
NAME = "net"
CONV: dict[str, Any] = {
    "strides": [1, 1, 1, 1],
    "dilations": [1, 1, 1, 1],
    "groups": 1,
    "layer_disparity": 1,
    "input_disparity": 1,
    "batch_norm": False,
    "elementwise_add": False,
}
POOL: dict[str, Any] = {
    "kernel_shape": [1, 2, 2, 1],
    "strides": [1, 2, 2, 1],
    "padding": "VALID",
    "activation": "linear",
    "count_include_pad": True,
}


def conv_layer(
    name: str, shape: tuple[int, int, int], kernel: tuple[int, ...], **params: Any
) -> Layer:
    attributes: dict[str, Any] = {"padding": "VALID", "activation": "relu", **CONV, **params}
    return build_layer(name, "conv", shape=shape, mode="", kernel_shape=[*kernel], **attributes)


def dense_layer(name: str, kernel: tuple[int, int], activation: str) -> Layer:
    return build_layer(
        name,
        "dense",
        shape=(1, 1, kernel[1]),
        mode="",
        kernel_shape=[*kernel],
        batch_norm=False,
        activation=activation,
    )


@cache
def small_network() -> Network:
    return build_network(
        chain(
            build_layer("input_layer1", shape=(8, 8, 3), mode="", original_names=["image"]),
            conv_layer("conv1", (6, 6, 4), (3, 3, 3, 4)),
            build_layer("maxpool1", shape=(3, 3, 4), mode="", **POOL),
            conv_layer("conv2", (3, 3, 6), (1, 1, 4, 6)),
            dense_layer("fc1", (54, 5), "relu"),
            dense_layer("fc2", (5, 1), "sigmoid"),
            build_layer("output_layer1", shape=(1, 1, 1), mode="", original_names=["score"]),
        ),
        ["fc2"],
    )


@cache
def small_weights() -> Weights:
    rng = np.random.default_rng(7)
    weights: Weights = {}
    for layer in small_network():
        if "kernel_shape" in layer.params and layer.type != "maxpool":
            shape = layer.params["kernel_shape"]
            spread = np.sqrt(2.0 / np.prod(shape[:-1]))
            weights[f"{layer.base_name}/kernel"] = rng.normal(0, spread, shape).astype(np.float32)
            weights[f"{layer.base_name}/bias"] = rng.normal(0, 0.1, shape[-1]).astype(np.float32)
    return weights


def _windows(x: NDArray[Any], size: int) -> NDArray[Any]:
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))


def small_images(seed: int = 3, samples: int = 16) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(-0.2, 1.0, (samples, 8, 8, 3))


def float_forward(x: NDArray[Any]) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Outputs and pre-activations of the small network by layer."""
    weights = {key: value.astype(np.float64) for key, value in small_weights().items()}
    outputs, preacts = {"input_layer1": x}, {}
    for layer in list(small_network())[1:-1]:
        name = layer.base_name
        if layer.type == "maxpool":
            x = _windows(x, 2)[:, ::2, ::2].max(axis=(-2, -1))
        else:
            kernel = weights[f"{name}/kernel"]
            if layer.type == "conv":
                x = np.einsum("bhwcij,ijco->bhwo", _windows(x, kernel.shape[0]), kernel)
            else:
                x = (x.reshape(len(x), -1) @ kernel)[:, None, None, :]
            x = preacts[name] = x + weights[f"{name}/bias"]
            x = 1 / (1 + np.exp(-x)) if layer.activation == "sigmoid" else np.maximum(x, 0)
        outputs[name] = x
    return {**outputs, "output_layer1": x}, preacts


@cache
def small_statistics() -> dict[str, LayerStatistics]:
    return statistics_from_arrays(small_network(), *float_forward(small_images()))


def write_small(path: Path, **changes: Any) -> str:
    """Write the small network; keywords as of `build_quantized_har`."""
    facts: dict[str, Any] = {
        "name": NAME,
        "network": small_network(),
        "weights": small_weights(),
        "statistics": small_statistics(),
        **changes,
    }
    build_quantized_har(str(path), **facts)
    return str(path)


def members_of(path: str) -> dict[str, bytes]:
    """Content of every member, by name, in file order."""
    found = {}
    with tarfile.open(path) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            assert stream
            found[member.name] = stream.read()
    return found


def metadata_of(members: Mapping[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(members[f"{NAME}.metadata.json"])
    return found


def rewrite(
    path: str,
    changes: Mapping[str, bytes | None] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> str:
    """Change an archive in place: members by suffix (None removes one), metadata by key."""
    members = members_of(path)
    facts = {**metadata_of(members), **(metadata or {})}
    del members[f"{NAME}.metadata.json"]
    for suffix, data in (changes or {}).items():
        if data is None:
            del members[f"{NAME}.{suffix}"]
        else:
            members[f"{NAME}.{suffix}"] = data
    kept = {key: value for key, value in facts.items() if value is not None}
    write_archive(path, kept, members)
    return path


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()
