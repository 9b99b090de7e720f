"""A layer with given integers and float weights, and what the inspector says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_statistics,
    stored_statistics,
)
from utils.findings import Finding
from utils.har.model import Model

CHANNELS = 20
Summary = list[tuple[str, str, tuple[str, ...]]]


def kernel(
    largest: ArrayLike = 127.0, dtype: type[Any] = np.int8, channels: int = CHANNELS
) -> NDArray[Any]:
    """A 3x3 kernel, the largest weight of whose output channels is given."""
    values = np.ones((3, 3, 4, channels)) * np.asarray(largest)
    values[1:] /= 2
    codes: NDArray[Any] = values.astype(dtype)
    return codes


def some(count: int, value: float, others: float = 127.0) -> NDArray[Any]:
    """Largest weights of all channels: `value` for so many of them."""
    return np.where(np.arange(CHANNELS) < count, value, others)


def model_of(
    codes: NDArray[Any] | None = None,
    floats: NDArray[Any] | None = None,
    *,
    type: str = "conv",
    mode: str = "a8_w8_a8",
    zero_point: Any = 0,
    high: ArrayLike | None = None,
    delta: float | None = 0.0,
    activation: str = "relu",
    elementwise_add: bool = False,
    script: str | None = None,
    arrays: Mapping[str, Any] | None = None,
    biases: ArrayLike | None = None,
) -> Model:
    """One layer, conv1, of whose output channels `high` are the largest values calibration saw."""
    layers = [
        build_layer("input_layer1"),
        build_layer(
            "conv1",
            type,
            shape=(4, 4, CHANNELS),
            mode=mode,
            original_names=["/a/Conv"],
            activation=activation,
            elementwise_add=elementwise_add,
        ),
        build_layer("output_layer1"),
    ]
    optimized: dict[str, Any] = {f"conv1/{key}": value for key, value in (arrays or {}).items()}
    if high is not None:
        seen = build_statistics(0.0, np.zeros(CHANNELS) + np.asarray(high), channels=CHANNELS)
        optimized |= stored_statistics("conv1/stats/output_0", seen)
    if delta is not None:
        optimized["conv1/conv_op/shift_delta"] = np.array([delta], np.float32)
    integers = kernel() if codes is None else codes
    trained: dict[str, Any] = {
        "conv1/kernel": kernel(1.0, np.float32) if floats is None else floats
    }
    if biases is not None:
        trained["conv1/bias"] = np.zeros(CHANNELS) + np.asarray(biases)
    return build_model(
        layers,
        quantized={"conv1/kernel": integers, "conv1/zp_kernel": np.asarray(zero_point)},
        float_arrays=trained,
        optimized=optimized,
        script=script,
    )


def findings(model: Model) -> list[Finding]:
    return list(WeightsInspector().inspect(build_context(model)))


def summary(found: Sequence[Finding]) -> Summary:
    return [(f.id, f.severity.label, f.layers) for f in found]


def expected(id: str, severity: str) -> Summary:
    return [(id, severity, ("net/conv1",))] if severity else []
