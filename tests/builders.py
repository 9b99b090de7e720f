"""Small models and contexts with defaults: a test overrides only what it is about."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from utils.dataset import CalibrationSet
from utils.har.archive import Archive
from utils.har.model import Model
from utils.har.model_script import parse_model_script
from utils.har.network import Layer, Network, Shape
from utils.har.npz import NpzMember
from utils.har.parameters import Parameters
from utils.har.statistics import ChannelStatistics
from utils.measurements import Histogram, LayerMeasurement, Measurements
from utils.mixed_precision import MixedPrecisionPlan
from utils.noise import (
    Exceeded,
    LayerNoise,
    NoiseMeasurements,
    SampleNoise,
    Sensitivity,
    TensorNoise,
)

SCOPE = "net"
NONE_CLIPPED = Exceeded(0, 300_000, 0)


def scoped(name: str) -> str:
    return name if "/" in name else f"{SCOPE}/{name}"


def build_layer(
    name: str,
    type: str = "",
    inputs: Sequence[str] = (),
    shape: Shape = (4, 4, 3),
    mode: str = "a8_w8_a8",
    original_names: Sequence[str] = (),
    **params: Any,
) -> Layer:
    """A layer; its type defaults to its name without digits, its scope to `net`."""
    return Layer(
        name=scoped(name),
        type=type or name.rstrip("0123456789"),
        inputs=tuple(scoped(i) for i in inputs),
        output_shapes=(shape,),
        original_names=tuple(original_names),
        params=params,
        quantization_params={"precision_mode": mode} if mode else {},
    )


def chain(*layers: Layer) -> list[Layer]:
    """Connect layers in a row, each to the one before, unless it names its own inputs."""
    connected: list[Layer] = []
    for layer in layers:
        inputs = layer.inputs or ((connected[-1].name,) if connected else ())
        connected.append(replaced(layer, inputs=inputs))
    return connected


def replaced(layer: Layer, **changes: Any) -> Layer:
    return Layer(**{**layer.__dict__, **changes})


def build_network(layers: Sequence[Layer], output_order: Sequence[str] = ()) -> Network:
    """A network; successors and input shapes follow from the inputs."""
    by_name = {layer.name: layer for layer in layers}
    complete = []
    for layer in layers:
        outputs = tuple(o.name for o in layers for i in o.inputs if i == layer.name)
        shapes = layer.output_shapes
        complete.append(
            replaced(
                layer,
                outputs=outputs,
                input_shapes=tuple(by_name[i].output_shapes[0] for i in layer.inputs),
                output_shapes=shapes if len(shapes) > 1 else shapes * max(len(outputs), 1),
            )
        )
    return Network(SCOPE, complete, tuple(scoped(name) for name in output_order))


def build_parameters(arrays: Mapping[str, Any] | None, network: Network) -> Parameters:
    """Parameters from `{"conv1/kernel": array}`; names get their scope."""
    if not arrays:
        return Parameters(None, network)
    stream = io.BytesIO()
    named: dict[str, Any] = {f"{SCOPE}/{key}:0": np.asarray(v) for key, v in arrays.items()}
    np.savez(stream, **named)
    return Parameters(NpzMember("test.npz", stream.getvalue()), network)


def stored_statistics(place: str, statistics: ChannelStatistics) -> dict[str, Any]:
    """Arrays of an optimizer's npz for `place` such as "conv1/stats/preact"."""
    return {
        f"{place}/min": statistics.minimum.astype(np.float32),
        f"{place}/max": statistics.maximum.astype(np.float32),
        f"{place}/mean": statistics.mean.astype(np.float32),
        f"{place}/energy": statistics.energy.astype(np.float32),
    }


def build_model(
    layers: Sequence[Layer] | None = None,
    *,
    float_layers: Sequence[Layer] | None = None,
    output_order: Sequence[str] = (),
    float_arrays: Mapping[str, Any] | None = None,
    quantized: Mapping[str, Any] | None = None,
    optimized: Mapping[str, Any] | None = None,
    analysis: Mapping[str, Any] | None = None,
    script: str | None = None,
    **metadata: Any,
) -> Model:
    """A quantized model in memory; by default input, conv1 (relu), output."""
    layers = chain(
        *(
            layers
            or (
                build_layer("input_layer1"),
                build_layer("conv1", activation="relu"),
                build_layer("output_layer1"),
            )
        )
    )
    network = build_network(layers, output_order)
    float_network = build_network(chain(*float_layers), output_order) if float_layers else network
    flavor = {"optimization_level": 0, "compression_level": 0}
    return Model(
        archive=Archive(
            path="model.har",
            sha256="0" * 64,
            metadata={
                "state": "quantized_model",
                "model_name": SCOPE,
                "sdk_version": "3.33.0",
                "hw_arch": "hailo8",
                "hn": "net.hn",
                "mo_flavor": flavor,
                **metadata,
            },
            json={},
            arrays={},
            texts={} if script is None else {"model_script": script},
        ),
        network=network,
        float_network=float_network,
        float_parameters=build_parameters(float_arrays, float_network),
        quantized=build_parameters(quantized, network),
        optimized=build_parameters(optimized, network),
        analysis=build_parameters(analysis, network),
    )


def build_statistics(
    low: float | Sequence[float] = 0.0,
    high: float | Sequence[float] = 1.0,
    mean: float | Sequence[float] = 0.5,
    std: float | Sequence[float] = 0.25,
    channels: int = 3,
    count: int = 100_000,
    non_zero_share: float | None = 1.0,
) -> ChannelStatistics:
    """Statistics of a tensor; a number stands for every channel."""

    def per_channel(value: float | Sequence[float]) -> NDArray[np.float64]:
        return np.zeros(channels) + np.asarray(value, dtype=np.float64)

    energy = per_channel(std) ** 2 + per_channel(mean) ** 2
    return ChannelStatistics(
        per_channel(low), per_channel(high), per_channel(mean), energy, count, non_zero_share
    )


def build_histogram(
    counts: Sequence[int] | np.ndarray, low: float = 0.0, high: float = 1.0, **outside: int
) -> Histogram:
    return Histogram(low, high, np.asarray(counts, dtype=np.int64), **outside)


def build_measurements(samples: int = 64, **layers: LayerMeasurement) -> Measurements:
    """Measurements by unscoped layer name."""
    return Measurements(samples, {scoped(name): value for name, value in layers.items()})


def build_tensor_noise(
    snr_db: float = 40.0,
    bias_share: float = 0.0,
    channels: int = 3,
    count: int = 100_000,
    rms: float = 1.0,
) -> TensorNoise:
    """Noise of a tensor with a given ratio; `rms` of its values, 0 where there is no signal."""
    values = channels * count
    signal = rms**2 * values
    noise = float(values) if snr_db == -np.inf else signal * 10 ** (-snr_db / 10)
    if snr_db == -np.inf:
        signal = 0.0
    # Every channel has the same share of the energy that the means hold.
    sums = np.full(channels, np.sqrt(bias_share * noise * count / channels))
    return TensorNoise(signal, noise, sums, count)


def build_layer_noise(
    snr_db: float = 40.0,
    *,
    clipped: Exceeded | None = NONE_CLIPPED,
    saturated: Exceeded | None = None,
    **tensor: Any,
) -> LayerNoise:
    """Noise of a layer that codes what it computes; `clipped` None for one that hands codes on."""
    return LayerNoise(build_tensor_noise(snr_db, **tensor), clipped, saturated)


def build_noise(
    layers: Mapping[str, float | LayerNoise],
    *,
    worst_samples: Mapping[str, Sequence[SampleNoise]] | None = None,
    sensitivity: Mapping[str, Mapping[str, float] | float] | None = None,
    not_measured: Mapping[str, str] | None = None,
) -> NoiseMeasurements:
    """Noise by unscoped layer name; a number is the SNR in dB.

    `sensitivity` is dB by layer and output; a number is meant for output_layer1.
    """
    alone = {
        scoped(name): {
            scoped(output): db
            for output, db in (
                by_output if isinstance(by_output, Mapping) else {"output_layer1": by_output}
            ).items()
        }
        for name, by_output in (sensitivity or {}).items()
    }
    return NoiseMeasurements(
        layers={
            scoped(name): value if isinstance(value, LayerNoise) else build_layer_noise(value)
            for name, value in layers.items()
        },
        worst_samples={scoped(n): tuple(found) for n, found in (worst_samples or {}).items()},
        sensitivity=None if sensitivity is None else Sensitivity(16, {}, alone),
        not_measured={scoped(name): reason for name, reason in (not_measured or {}).items()},
    )


def build_noise_measurements(
    noise: NoiseMeasurements | None,
    samples: int = 64,
    plan: MixedPrecisionPlan | None = None,
    **layers: LayerMeasurement,
) -> Measurements:
    """Measurements with noise; of the float network only `layers`, by unscoped name."""
    floats = {scoped(name): value for name, value in layers.items()}
    return Measurements(samples, floats, noise=noise, plan=plan)


def build_context(
    model: Model | None = None,
    measurements: Measurements | None = None,
    calibration: CalibrationSet | None = None,
    answer: str | None = None,
    **facts: Any,
) -> Context:
    """A context; questions get `answer`, or their default; `facts` are further fields of it."""
    model = model or build_model()
    text = model.script_text
    return Context(
        model=model,
        script=None if text is None else parse_model_script(text),
        calibration=calibration,
        measurements=measurements,
        ask=lambda question: question.default if answer is None else answer,
        **{"target": model.hw_arch, **facts},
    )
