"""Two tensors that meet, what calibration saw of them, and what the inspector says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspectors.range_balance_inspector import RangeBalanceInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_statistics,
    chain,
    stored_statistics,
)
from utils.findings import Finding
from utils.har.network import Layer

Range = tuple[float, float]


def ranges(limits: Mapping[str, Range]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name, (low, high) in limits.items():
        spread = build_statistics([low] * 3, [high] * 3, mean=0.0, std=(high - low) / 6)
        arrays |= stored_statistics(f"{name}/stats/output_0", spread)
    return arrays


def joined(join: str, *behind: Layer, mode: str = "a8_w8_a8", **params: Any) -> list[Layer]:
    """Two branches that meet at a join, and what reads it: conv4, unless others are named."""
    channels = 6 if join.startswith("concat") else 3
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["input_layer1"], original_names=["/narrow"]),
        build_layer(join, inputs=["conv1", "conv2"], shape=(4, 4, channels), mode=mode, **params),
        *chain(
            build_layer(join, inputs=["conv1", "conv2"]),
            *(behind or [build_layer("conv4")]),
            build_layer("output_layer1"),
        )[1:],
    ]


def inspect(
    layers: Sequence[Layer], limits: Mapping[str, Range] | None = None, **archive: Any
) -> list[Finding]:
    model = build_model(layers, optimized=ranges(limits or {}), **archive)
    return list(RangeBalanceInspector().inspect(build_context(model)))


def severities(found: Sequence[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in found]


def expected(severity: str, join: str) -> list[tuple[str, str, tuple[str, ...]]]:
    if not severity:
        return []
    narrow = () if join in ("ew_mult1", "ew_sub1") else ("net/conv2",)
    return [("join-range-imbalance", severity, (*narrow, f"net/{join}"))]
