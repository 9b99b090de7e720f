"""Arrays of the optimizer's npz (.ho): float state, statistics, scales, atomic operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.writer.operation_arrays import operation_arrays

Arrays = dict[str, NDArray[Any]]

# Padding of a maximum must never win.
LOWEST_PADDING = -(2.0**31)
STATES = ("calibrated", "floating_point", "quantized")


def optimizer_header() -> Arrays:
    """The arrays that belong to no layer."""
    return {
        "mode": np.array([2]),
        "optimization_target": np.array(["sage"]),
        "supported_states": np.array(STATES),
        "params_kind": np.array([4]),
    }


def optimizer_arrays(found: QuantizedLayer, floats: Mapping[str, NDArray[Any]]) -> Arrays:
    """Arrays of one layer by suffix.

    Parameters
    ----------
    floats : float parameters of the layer that no multiplication uses, by suffix.
    """
    arrays = _statistics(found)
    arrays.update(operation_arrays(found))
    arrays.update(scale_arrays(found))
    vector = found.equalization
    arrays["layer_params/eq_vec_out:0"] = np.array(1) if vector is None else np.float32(vector)
    arrays.update(_float_parameters(found, floats))
    arrays["ignore_io_shapes_verification:0"] = np.array(False)
    arrays["layer_supported_states:0"] = np.array(STATES)
    if found.multiplication:
        arrays["act_fully_native:0"] = np.array(False)
    return arrays


def single_precision(value: NDArray[Any]) -> NDArray[Any]:
    """Float64 as float32, anything else as it is."""
    return value.astype(np.float32) if value.dtype == np.float64 else value


def scale_arrays(found: QuantizedLayer) -> Arrays:
    """Scales and zero points of input and output, each of shape (1, channels)."""
    entering = found.inputs[0] if found.inputs else found.output
    correction = found.multiplication.correction if found.multiplication else 0
    return {
        "layer_params/output_scales:0": np.float32(found.output.scales)[None, :],
        "layer_params/input_scales:0": np.float32(entering.scales)[None, :],
        "layer_params/output_zero_points:0": np.float32(found.output.zero_points)[None, :],
        "layer_params/input_zero_points:0": np.float32(entering.zero_points)[None, :],
        "layer_params/negative_slopes_correction_factor:0": np.float32(correction).reshape(()),
    }


def _statistics(found: QuantizedLayer) -> Arrays:
    seen = found.statistics
    if seen is None:
        return {}
    places: dict[str, ChannelStatistics] = {}
    if found.layer.type not in ("input_layer", "output_layer"):
        places = {f"input_{index}": value for index, value in enumerate(seen.inputs)}
    if found.multiplication and seen.preact:
        places["preact"] = seen.preact
    places["output_0"] = seen.output
    arrays: Arrays = {}
    for place, value in places.items():
        share = 1.0 if value.non_zero_share is None else value.non_zero_share
        for key, array in (
            ("min", value.minimum),
            ("max", value.maximum),
            ("mean", value.mean),
            ("energy", value.energy),
            ("non_zero_percent", np.array(share)),
            ("stats_limvals", np.array([value.low, value.high])),
        ):
            arrays[f"stats/{place}/{key}:0"] = array.astype(np.float32)
    return arrays


def _float_parameters(found: QuantizedLayer, floats: Mapping[str, NDArray[Any]]) -> Arrays:
    arrays = {f"{suffix}:0": single_precision(value) for suffix, value in floats.items()}
    if found.multiplication:
        arrays["kernel:0"] = found.multiplication.kernel.astype(np.float32)
        arrays["bias:0"] = found.multiplication.bias.astype(np.float32)
    if found.layer.type in ("conv", "dw", "deconv"):
        arrays["padding_const_value:0"] = np.zeros((), dtype=np.float32)
    elif found.layer.type == "dense":
        arrays["padding_const_value:0"] = np.zeros((), dtype=np.int64)
    elif found.layer.type == "maxpool":
        arrays["padding_const_value:0"] = np.array(LOWEST_PADDING, dtype=np.float32)
    return arrays
