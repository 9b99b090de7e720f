"""Arrays of the other npz members: float weights, integers (.q), results of algorithms (.stats)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Network
from utils.har.quantization import Encoding
from utils.quantizer.multiplication import Multiplication
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.writer.optimizer_arrays import scale_arrays, single_precision

Arrays = dict[str, NDArray[Any]]

PARAMS_KIND = {"native": 0, "translated": 2, "fp_optimized": 3, "statistics": 5}
ALGORITHMS = (
    "finetune_encoding",
    "bias_correction",
    "adaround",
    "block_round_training",
    "quantization-aware_fine-tuning",
)
PADDED_TYPES = ("conv", "dw", "deconv", "maxpool")


def float_arrays(
    network: Network, weights: Mapping[str, Mapping[str, NDArray[Any]]], kind: str
) -> Arrays:
    """Arrays of .npz and .fpo.npz.

    Parameters
    ----------
    weights : by scoped layer name and suffix.
    kind : ``native`` or ``fp_optimized``.
    """
    arrays: Arrays = {}
    for layer in network:
        found = {suffix: np.asarray(value) for suffix, value in weights.get(layer.name, {}).items()}
        if layer.type in PADDED_TYPES:
            found = {"padding_const_value": np.array(0), **found}
        for suffix, value in found.items():
            arrays[f"{layer.name}/{suffix}:0"] = _in_source_order(single_precision(value))
    return {**arrays, "params_kind": np.array([PARAMS_KIND[kind]])}


def _in_source_order(value: NDArray[Any]) -> NDArray[Any]:
    """The same array, in memory as ONNX has it: (out, in, height, width), dense (out, in)."""
    if value.ndim == 4:
        source = np.ascontiguousarray(value.transpose(3, 2, 0, 1))
        kernel: NDArray[Any] = source.transpose(2, 3, 1, 0)
        return kernel
    return np.asarray(value, order="F")


def translated_arrays(layers: Sequence[QuantizedLayer]) -> Arrays:
    """Arrays of .q.npz: integers as the hardware takes them."""
    arrays: Arrays = {"params_kind": np.array([PARAMS_KIND["translated"]])}
    for found in layers:
        layer: Arrays = {}
        if found.multiplication:
            layer.update(_integers(found, found.multiplication))
        elif found.layer.type == "maxpool":
            layer["padding_const_value:0"] = np.array(0, dtype=np.uint16)
        layer.update(_encodings(found))
        arrays.update({f"{found.layer.name}/{key}": value for key, value in layer.items()})
    return arrays


def _integers(found: QuantizedLayer, multiplication: Multiplication) -> Arrays:
    kernel, bias = multiplication.quantized_kernel, multiplication.quantized_bias
    arrays: Arrays = {
        "kernel:0": kernel.codes,
        "zp_kernel:0": np.array(kernel.zero_point, dtype=np.int32),
        "output_stage/mult_shift:0": np.array(kernel.choice.mac_shift, dtype=np.uint8),
    }
    if found.layer.type not in ("activation", "normalization"):
        # A padded pixel has to look like an input of 0.
        padding = found.inputs[0].zero_points[0]
        arrays["padding_const_value:0"] = np.array(padding, dtype=np.uint16)
    arrays.update(
        {
            "bias:0": bias.codes,
            "bias_q:0": bias.codes,
            "bias_factor:0": np.array(bias.factor, dtype=np.uint16),
            "bias_feed_repeat:0": np.array(1, dtype=np.uint16),
            "precision_split_zp:0": np.array(False),
        }
    )
    for key, value in multiplication.stage.stored().items():
        arrays[f"output_stage/piecewise/{key}:0"] = value
    channels = np.array([len(found.output.scales)], dtype=np.uint32)
    arrays["output_stage/piecewise/size_splits:0"] = channels
    return arrays


def _encodings(found: QuantizedLayer) -> Arrays:
    arrays: Arrays = {}
    entering = found.inputs[0] if found.inputs else found.output
    sides = (("in", entering), ("out", found.output))
    for side, encoding in sides:
        arrays[f"qp_{side}:0"] = _common_encoding(encoding)
    for side, encoding in sides:
        arrays[f"limvals_{side}:0"] = np.array([encoding.low, encoding.high], dtype=np.float32)
    for side, encoding in sides:
        arrays[f"zero_point_{side}:0"] = np.array(encoding.zero_points[0], dtype=np.int32)
    return {**arrays, **scale_arrays(found)}


def _common_encoding(encoding: Encoding) -> NDArray[Any]:
    """Zero point and scale; a scale of 0 says that the channels differ."""
    scales = np.float32(encoding.scales)
    common = scales[0] if (scales == scales[0]).all() else 0.0
    return np.array([encoding.zero_points[0], common], dtype=np.float32)


def analysis_arrays(
    layers: Sequence[QuantizedLayer],
    algorithms_run: Collection[str],
    noise: Mapping[str, Mapping[str, float]],
) -> Arrays:
    """Arrays of .stats.npz.

    Parameters
    ----------
    layers : in the order of the graph.
    algorithms_run : names of the algorithms that ran on the layers with weights.
    noise : SNR in dB by layer and key (``snr``, ``partial_snr``, ``noise_results/<output>``).
    """
    arrays: Arrays = {"params_kind": np.array([PARAMS_KIND["statistics"]])}
    for found in layers:
        arrays[f"{found.layer.name}/equalization/source"] = np.array(found.equalization is not None)
    multiplying = [
        (found.layer.name, found.multiplication)
        for found in layers
        if found.multiplication and found.layer.type != "activation"
    ]
    for name, multiplication in multiplying:
        arrays[f"{name}/translate_parameters/clip_values"] = np.array(
            multiplication.quantized_kernel.clip_values, dtype=np.float32
        )
    trained = {name for name, _ in multiplying}
    for algorithm in ALGORITHMS:
        for found in layers:
            name = found.layer.name
            ran = algorithm in algorithms_run and name in trained
            arrays[f"{name}/{algorithm}/successfully_run"] = np.array(ran)
    for name, results in noise.items():
        for key, decibel in results.items():
            arrays[f"{name}/layer_noise_analysis/{key}"] = np.array([decibel], dtype=np.float32)
    return arrays
