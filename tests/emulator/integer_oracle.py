"""The hardware's arithmetic in NumPy, from the arrays of an archive as they lie in the file.

An independent second implementation: integers in int64, everything else in float64. Every layer
is computed from the codes that the engine under test found for the layers before it. Where all
layers agree so, whole runs agree, too.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LARGEST = {8: 255, 16: 32767}
ACCUMULATOR = {8: 2**15 - 1, 16: 2**31 - 1}
# Exponent of a slope that is stored as 0, by bits in and out.
SLOPE_SHIFT = {(8, 8): 10, (16, 16): 14, (8, 16): 6, (16, 8): 18}
STEP_SHIFT = 3


@dataclass(frozen=True)
class Tensor:
    """Codes and what one of them stands for, per channel; scale None for plain values."""

    codes: Array
    scale: Array | None = None
    zero: Array | None = None

    @property
    def values(self) -> Array:
        if self.scale is None or self.zero is None:
            return np.asarray(self.codes, np.float64)
        return (np.asarray(self.codes, np.float64) - self.zero) * self.scale


@dataclass(frozen=True)
class Coded:
    """Codes before rounding and clipping, and after; accumulators where there are any."""

    exact: Array
    codes: Array
    accumulators: Array | None = None
    limit: int = 0


class Archive:
    """Graph and arrays of a quantized archive, read without this project's reader."""

    def __init__(self, path: str) -> None:
        with tarfile.open(path) as tar:
            members = {m.name: tar.extractfile(m) for m in tar if m.isfile()}
            contents = {n: stream.read() for n, stream in members.items() if stream is not None}
        (facts,) = (d for n, d in contents.items() if n.endswith("metadata.json"))
        self.metadata = json.loads(facts)
        self.layers: dict[str, Any] = json.loads(contents[self.metadata["hn"]])["layers"]
        self._translated = np.load(io.BytesIO(contents[self.metadata["params_translated"]]))
        self._optimized = np.load(io.BytesIO(contents[self.metadata["params_hailo_optimized"]]))

    def array(self, layer: str, key: str, index: str = ":0") -> Array:
        return np.asarray(self._translated[f"{layer}/{key}{index}"])

    def optimizer_array(self, layer: str, key: str) -> Array:
        return np.asarray(self._optimized[f"{layer}/{key}:0:0"])

    def number(self, layer: str, key: str) -> int:
        return int(self.array(layer, key).reshape(()))

    def encoding(self, layer: str, side: str = "output") -> tuple[Array, Array]:
        """Scales and zero points, float64 (channels,)."""
        scales, zeros = (
            self.array(layer, f"layer_params/{side}_{what}").ravel().astype(np.float64)
            for what in ("scales", "zero_points")
        )
        return scales, zeros

    def bits(self, layer: str) -> tuple[int, int]:
        """Of input and output."""
        mode = self.layers[layer]["quantization_params"]["precision_mode"]
        found = re.fullmatch(r"a(\d+)_w\d+(?:_a(\d+))?", mode)
        assert found, mode
        return int(found[1]), int(found[2] or found[1])

    def has_integers(self, layer: str) -> bool:
        return f"{layer}/output_stage/mult_shift:0" in self._translated

    def input_of(self, layer: str, engine: Mapping[str, Array], position: int) -> Tensor:
        """What the layer takes, given the codes that the engine found."""
        source = self.layers[layer]["input"][position]
        tensor = Tensor(engine[source], *self._spread(source, engine[source].shape[3]))
        entry = self.layers[source]
        if entry["type"] != "feature_splitter":
            return tensor
        channels = [shape[3] for shape in entry["output_shapes"]]
        first = sum(channels[: entry["output"].index(layer)])
        scale, zero = self.encoding(layer, "input")
        part = engine[source][..., first : first + len(scale)]
        return Tensor(part, scale, zero)

    def _spread(self, layer: str, channels: int) -> tuple[Array, Array]:
        """Encoding of a tensor; a splitter's is stored for its first part, and the same for all."""
        scale, zero = self.encoding(layer)
        if len(scale) == channels:
            return scale, zero
        assert len(set(scale)) == len(set(zero)) == 1
        return np.repeat(scale[:1], channels), np.repeat(zero[:1], channels)


def encoded(values: Array, scale: Array, zero: Array, largest: int) -> Coded:
    exact = values / scale + zero
    return Coded(exact, np.clip(np.rint(exact), 0, largest))


def input_codes(archive: Archive, layer: str, values: Array) -> Coded:
    largest = LARGEST[archive.bits(layer)[1]]
    return encoded(values.astype(np.float64), *archive.encoding(layer), largest)


def layer_codes(archive: Archive, layer: str, engine: Mapping[str, Array]) -> Coded:
    """Codes of a layer behind the codes of the layers before it."""
    entry = archive.layers[layer]
    inputs = [archive.input_of(layer, engine, i) for i in range(len(entry["input"]))]
    if archive.has_integers(layer):
        return _integer_codes(archive, layer, inputs)
    values = _float_values(entry, [tensor.values for tensor in inputs])
    return encoded(values, *archive.encoding(layer), LARGEST[archive.bits(layer)[1]])


def _integer_codes(archive: Archive, layer: str, inputs: list[Tensor]) -> Coded:
    entry = archive.layers[layer]
    kernel = archive.array(layer, "kernel").astype(np.int64) - archive.number(layer, "zp_kernel")
    repeat = archive.number(layer, "bias_feed_repeat")
    factor = archive.number(layer, "bias_factor") * repeat
    codes = np.rint(inputs[0].codes).astype(np.int64)
    zero = int(archive.encoding(layer, "input")[1][0])
    sums = _products(entry, codes, kernel, zero)
    sums = sums + archive.array(layer, "bias_q").astype(np.int64) * factor
    shift = archive.number(layer, "output_stage/mult_shift")
    if entry["params"].get("elementwise_add"):
        scale = archive.optimizer_array(layer, "conv_op/output_scale").astype(np.float64)
        sums = sums + np.rint(inputs[1].values / scale * 2.0**shift).astype(np.int64)
    return _staged(archive, layer, sums / 2.0**shift)


def _staged(archive: Archive, layer: str, accumulators: Array) -> Coded:
    bits = archive.bits(layer)
    limit = ACCUMULATOR[bits[0]]
    prefix = "output_stage/piecewise"
    points, offsets, mantissas, exponents = (
        archive.array(layer, f"{prefix}/{key}").astype(np.float64)
        for key in ("x_points", "offsets", "slopes_m", "slopes_e")
    )
    assert len(points) == 1
    inside = np.clip(accumulators, -limit, limit)
    index = np.searchsorted(points[0], inside, side="right")
    slopes = mantissas[0] * 2.0 ** -(SLOPE_SHIFT[bits] + exponents[0])
    exact = inside * slopes[index] + offsets[0][index] * 2.0**-STEP_SHIFT
    codes = np.clip(np.rint(exact), 0, LARGEST[bits[1]])
    return Coded(exact, codes, accumulators, limit)


def _products(entry: Mapping[str, Any], codes: Array, kernel: Array, zero: int) -> Array:
    if entry["type"] in ("activation", "normalization"):
        return codes * kernel.reshape(-1)
    if entry["type"] == "dense":
        flat = codes.reshape(len(codes), -1)
        return (flat @ kernel.reshape(-1, kernel.shape[-1]))[:, None, None, :]
    views = _taps(entry["params"], codes, kernel.shape[:2], zero)
    if entry["type"] == "dw":
        scaled = [view * kernel[i, j, :, 0] for (i, j), view in views.items()]
        summed: Array = np.sum(scaled, axis=0)
        return summed
    groups = codes.shape[3] // kernel.shape[2]
    sides = [np.split(kernel, groups, axis=3), range(groups)]
    parts = [
        sum(np.split(v, groups, axis=3)[group] @ own[i, j] for (i, j), v in views.items())
        for own, group in zip(*sides, strict=True)
    ]
    return np.concatenate(parts, axis=3)


def _taps(
    params: Mapping[str, Any], codes: Array, size: tuple[int, ...], fill: float
) -> dict[tuple[int, int], Array]:
    """What lies under every tap of a sliding window, by position of the tap."""
    strides = params["strides"][1:3]
    dilations = params.get("dilations", [1, 1, 1, 1])[1:3]
    margins, counts = [], []
    for axis in (0, 1):
        extent = (size[axis] - 1) * dilations[axis] + 1
        margin, count = _margin(params["padding"], codes.shape[1 + axis], extent, strides[axis])
        margins.append(margin)
        counts.append(count)
    padded = np.pad(codes, [(0, 0), *margins, (0, 0)], constant_values=fill)

    def span(axis: int, tap: int) -> slice:
        first = tap * dilations[axis]
        return slice(first, first + strides[axis] * (counts[axis] - 1) + 1, strides[axis])

    return {
        (i, j): padded[:, span(0, i), span(1, j)] for i in range(size[0]) for j in range(size[1])
    }


def _margin(mode: str, size: int, extent: int, stride: int) -> tuple[tuple[int, int], int]:
    """Padding before and after, and number of windows."""
    if mode == "VALID":
        return (0, 0), (size - extent) // stride + 1
    count = -(-size // stride)
    total = max((count - 1) * stride + extent - size, 0)
    before = total // 2 if mode == "SAME_TENSORFLOW" else (extent - 1) // 2
    return (before, max(total - before, 0)), count


def _float_values(entry: Mapping[str, Any], inputs: list[Array]) -> Array:
    kind, params = entry["type"], entry.get("params", {})
    if kind in ("output_layer", "feature_splitter"):
        return inputs[0]
    if kind == "concat":
        return np.concatenate(inputs, axis=3)
    if kind == "ew_add":
        total = inputs[0] + inputs[1]
        return np.maximum(total, 0) if params["activation"] == "relu" else total
    if kind == "resize":
        return _doubled(inputs[0], params["method"])
    size = params["kernel_shape"][1:3]
    fill = -np.inf if kind == "maxpool" else 0
    views = np.stack(list(_taps(params, inputs[0], size, fill).values()))
    pooled: Array = views.max(axis=0) if kind == "maxpool" else views.mean(axis=0)
    return pooled


def _doubled(values: Array, method: str) -> Array:
    """Twice as high and wide; interpolation treats pixels as areas."""
    if method == "nearest_neighbor":
        return values.repeat(2, axis=1).repeat(2, axis=2)
    for axis in (1, 2):
        first, last = (np.take(values, [end], axis=axis) for end in (0, -1))
        near = np.concatenate([first, values, last], axis=axis)
        steps = values.shape[axis]
        before = np.take(near, range(steps), axis=axis)
        behind = np.take(near, range(2, steps + 2), axis=axis)
        pairs = [0.25 * before + 0.75 * values, 0.75 * values + 0.25 * behind]
        shape = list(values.shape)
        shape[axis] *= 2
        values = np.stack(pairs, axis=axis + 1).reshape(shape)
    return values
