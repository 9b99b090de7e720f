"""Contents of an archive's members, by the key that metadata.json names them under."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.network import Layer, Network
from utils.quantizer.calibration import LayerStatistics, completed_statistics
from utils.quantizer.float_layers import FloatLayers
from utils.quantizer.precision_plan import quantized_graph
from utils.quantizer.quantized_layers import QuantizedLayer, quantize_layers
from utils.quantizer.writer.hn_json import hn_text
from utils.quantizer.writer.optimizer_arrays import optimizer_arrays, optimizer_header
from utils.quantizer.writer.translated_arrays import (
    analysis_arrays,
    float_arrays,
    translated_arrays,
)

Members = dict[str, bytes]


@dataclass(frozen=True, eq=False)
class FloatModel:
    """A float network and its weights.

    Parameters
    ----------
    name : scope of the layers.
    network : the graph.
    weights : arrays by ``layer/suffix``, layers with or without scope.
    """

    name: str
    network: Network
    weights: Mapping[str, NDArray[Any]]

    def by_layer(self) -> dict[str, dict[str, NDArray[Any]]]:
        """Weights by scoped layer name and suffix."""
        found: dict[str, dict[str, NDArray[Any]]] = {}
        for key, value in self.weights.items():
            name, _, suffix = key.rpartition("/")
            layer = self.network.resolve(name)
            if layer is None:
                raise ArchiveError(f"weights {key!r} belong to no layer of the network")
            found.setdefault(layer, {})[suffix] = np.asarray(value)
        return found


@dataclass(frozen=True, eq=False)
class OptimizationRecord:
    """How a float model is quantized, and what the optimizer says it did.

    Parameters
    ----------
    precision_modes : by layer, e.g. ``a16_w16``; others run at a8_w8.
    equalization : relative scales of the channels, by layer; None to choose them.
    algorithms_run : optimization algorithms whose flags are set for layers with weights.
    tuned_weights : what training while quantizing made of weights, by ``layer/suffix``.
    noise_analysis : SNR in dB with only this layer quantized, as the full analysis stores it.
    partial_noise_analysis : SNR in dB at the layer with everything quantized (simple analysis).
    """

    precision_modes: Mapping[str, str] = field(default_factory=dict)
    equalization: Mapping[str, NDArray[Any]] | None = None
    algorithms_run: Collection[str] = ()
    tuned_weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    noise_analysis: Mapping[str, float] = field(default_factory=dict)
    partial_noise_analysis: Mapping[str, float] = field(default_factory=dict)

    def noise(self, network: Network) -> dict[str, dict[str, float]]:
        """Noise analysis by scoped layer name and key of the archive."""
        outputs = [layer.name for layer in network.output_layers]
        found: dict[str, dict[str, float]] = {}
        for name, decibel in self.noise_analysis.items():
            keys = ("snr", *(f"noise_results/{output}" for output in outputs))
            found[network.resolve(name) or name] = dict.fromkeys(keys, decibel)
        for name, decibel in self.partial_noise_analysis.items():
            found.setdefault(network.resolve(name) or name, {})["partial_snr"] = decibel
        return found


def parsed_members(native: FloatModel) -> Members:
    """Members of a model that was only parsed."""
    return {
        "hn": hn_text(native.network, native.name).encode(),
        "params": _npz(float_arrays(native.network, native.by_layer(), "native")),
        "original_model_meta": json.dumps(_original_model(native)).encode(),
    }


def modified_members(native: FloatModel, model: FloatModel) -> Members:
    """Members after the model script's modifications, which may be none."""
    members = parsed_members(native)
    members["native_hn"] = members["hn"]
    members["hn"] = members["fp_hn"] = hn_text(model.network, model.name).encode()
    fp_optimized = float_arrays(model.network, model.by_layer(), "fp_optimized")
    return {**members, "params_fp_opt": _npz(fp_optimized)}


def quantized_members(
    native: FloatModel,
    model: FloatModel,
    statistics: Mapping[str, LayerStatistics],
    record: OptimizationRecord,
) -> Members:
    """Members of a quantized model; integers are computed here."""
    graph = quantized_graph(model.network, record.precision_modes)
    tuned = {**model.weights, **record.tuned_weights}
    weights = FloatModel(model.name, model.network, tuned).by_layer()
    facts = FloatLayers(weights, completed_statistics(graph, statistics))
    vectors = record.equalization
    if vectors is not None:
        vectors = {
            graph.resolve(key) or key: np.asarray(value, np.float64)
            for key, value in vectors.items()
        }
    layers = quantize_layers(graph, facts, vectors)
    analysis = analysis_arrays(layers, record.algorithms_run, record.noise(graph))
    return {
        **modified_members(native, model),
        "hn": hn_text(graph, model.name).encode(),
        "params_translated": _npz(translated_arrays(layers)),
        "params_hailo_optimized": _npz(_optimizer_state(layers, weights)),
        "params_statistics": _npz(analysis),
    }


def _optimizer_state(
    layers: Sequence[QuantizedLayer], weights: Mapping[str, Mapping[str, NDArray[Any]]]
) -> dict[str, NDArray[Any]]:
    arrays = optimizer_header()
    for found in layers:
        state = optimizer_arrays(found, weights.get(found.layer.name, {}))
        arrays.update({f"{found.layer.name}/{key}": value for key, value in state.items()})
    return arrays


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    stream = io.BytesIO()
    contents: dict[str, Any] = dict(arrays)
    np.savez(stream, **contents)
    return stream.getvalue()


def _original_model(native: FloatModel) -> dict[str, Any]:
    inputs = {_source_name(layer): layer.output_shape for layer in native.network.input_layers}
    outputs = [_source_name(layer) for layer in native.network.output_layers]
    return {
        "original_model_path": f"{native.name}.onnx",
        "ir_version": 8,
        "opset_imports": [["", 13]],
        "preprocess_io_map": {name: f"input{index}" for index, name in enumerate(inputs)},
        "inverse_postprocess_io_map": {
            name: f"output{index}" for index, name in enumerate(outputs)
        },
        "input_dtype": {f"input{index}": 1 for index in range(len(inputs))},
        "output_dtype": {f"output{index}": 1 for index in range(len(outputs))},
        "errors": [],
        "is_supported_model": True,
        "framework": "ONNX",
        "parsing_report": {"name": "parsing_report", "net_params": {}, "layers": {}},
        "start_nodes_shapes": {
            name: [1, channels, height, width] for name, (height, width, channels) in inputs.items()
        },
    }


def _source_name(layer: Layer) -> str:
    return layer.original_names[0] if layer.original_names else layer.base_name
