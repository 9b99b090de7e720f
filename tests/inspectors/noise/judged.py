"""A small network with noise put in where a test wants it, and what the inspector says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    chain,
    scoped,
)
from utils.findings import Finding
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements import LayerMeasurement
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import Exceeded, LayerNoise, NoiseMeasurements

# Far above all that any check asks for, and falling slowly.
CLEAN = {"input_layer1": 49.0, "conv1": 45.0, "conv2": 42.0, "conv3": 40.0}
OUTPUT = "output_layer1"


def network(**last: Any) -> list[Layer]:
    return chain(
        build_layer("input_layer1"),
        build_layer("conv1", activation="relu"),
        build_layer("conv2", activation="relu"),
        build_layer("conv3", **last),
        build_layer(OUTPUT),
    )


def handed_on(noise: float | LayerNoise) -> LayerNoise:
    """What an output layer shows of the layer that feeds it."""
    found = noise if isinstance(noise, LayerNoise) else build_layer_noise(noise)
    return LayerNoise(found.output)


def noise_of(layers: Mapping[str, float | LayerNoise], **parts: Any) -> NoiseMeasurements:
    """Noise of the clean network, changed at some layers; the output shows conv3."""
    everywhere: dict[str, float | LayerNoise] = {**CLEAN, **layers}
    everywhere.setdefault(OUTPUT, handed_on(everywhere["conv3"]))
    return build_noise(everywhere, **parts)


def inspect(
    layers: Mapping[str, float | LayerNoise] | None = None,
    *,
    model: Model | None = None,
    samples: int = 64,
    plan: MixedPrecisionPlan | None = None,
    floats: Mapping[str, LayerMeasurement] | None = None,
    **parts: Any,
) -> list[Finding]:
    noise = noise_of(layers or {}, **parts)
    measurements = build_noise_measurements(noise, samples, plan, **(floats or {}))
    context = build_context(model or build_model(network(activation="sigmoid")), measurements)
    assert str(NoiseInspector().should_skip(context)) == ""
    return list(NoiseInspector().inspect(context))


def only(found: Sequence[Finding], id: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.severity.label, f.layers) for f in found if f.id == id]


def expected(severity: str, *names: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(severity, tuple(map(scoped, names)))] if severity else []


def the(found: Sequence[Finding], id: str) -> Finding:
    (finding,) = (f for f in found if f.id == id)
    return finding


def two_outputs(*activations: str) -> Model:
    heads = [
        build_layer(f"conv{n}", inputs=["conv1"], activation=activation)
        for n, activation in enumerate(activations, start=2)
    ]
    ends = [
        build_layer(f"output_layer{n}", inputs=[f"conv{n + 1}"])
        for n in range(1, len(activations) + 1)
    ]
    return build_model([build_layer("input_layer1"), build_layer("conv1"), *heads, *ends])


def limited(kind: str, beyond: int, values: int, samples: int, snr: float = 15.0) -> LayerNoise:
    return build_layer_noise(snr, **{kind: Exceeded(beyond, values, samples)})
