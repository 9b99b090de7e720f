"""Stand-in for contract tests: the SDK's enumerations, as far as public programs use them."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

IS_STAND_IN = True

_LAYERS = (
    "input_layer output_layer conv dw deconv dense normalization batch_norm activation maxpool "
    "avgpool global_avg_pool ew_add ew_sub ew_mult ew_div ew_max ew_min elementwise_max concat "
    "feature_splitter spatial_splitter width_splitter row_splitter shape_splitter shortcut portal "
    "l4_portal ddr loopback bucket output_mux demux slice external_pad external_input pad resize "
    "depth_to_space space_to_depth feature_shuffle feature_interleave format_conversion matmul "
    "softmax argmax layer_normalization reduce_max reduce_min reduce_mean reduce_sum reduce_l2 "
    "const_input bias_add precision_splitter precision_splitter_signed precision_change nms "
    "postprocess base_activation fused_bbox_decoder proposal_generator multiplexer square pow "
    "group_norm instance_norm one_hot rnn lstm gru log equal greater less hardsigmoid_layer"
).split()
_ACTIVATIONS = (
    "linear relu relu1 relu6 leaky elu sigmoid exp tanh threshold biased_delta prelu softplus silu "
    "gelu mish inv_pos minus_inv_pos hardswish swish sqrt log hardsigmoid clip less greater "
    "delta softsign inv_sqrt pow abs sin cos"
).split()
_WIDTHS = "a8_w8 a8_w4 a16_w16 a16_w8 a16_w4 a8_w16".split()


def enumeration(name: str, members: tuple[str, ...] | list[str]) -> Any:
    """An Enum whose members have these values; their names are the same."""
    kind: Any = Enum  # made at run time, so a type checker need not follow
    return kind(name, {member: member for member in members})


class States(Enum):
    """How far an archive has come."""

    UNINITIALIZED = "uninitialized"
    HAILO_MODEL = "hailo_model"
    FP_OPTIMIZED_MODEL = "fp_optimized_model"
    QUANTIZED_MODEL = "quantized_model"
    COMPILED_MODEL = "compiled_model"


class ParamsKinds(Enum):
    """What a file of parameters holds."""

    NATIVE = 0
    TRANSLATED = 2
    FP_OPTIMIZED = 3
    HAILO_OPTIMIZED = 4
    STATISTICS = 5


LayerType = enumeration("LayerType", _LAYERS)
Activations = enumeration("ActivationType", _ACTIVATIONS)
PrecisionMode = enumeration(
    "PrecisionMode", [*_WIDTHS, *(f"{mode}_{out}" for mode in _WIDTHS for out in ("a8", "a16"))]
)
EWAddPolicy = enumeration("EWAddPolicy", ["auto", "fused_ew_add", "shortcut_ew_add"])
JoinAction = enumeration(
    "JoinAction", ["NONE", "AUTO_JOIN_INPUTS", "AUTO_CHAIN_NETWORKS", "CUSTOM"]
)
JoinOutputLayersOrder = enumeration(
    "JoinOutputLayersOrder", ["NEW_OUTPUTS_LAST", "NEW_OUTPUTS_FIRST", "NEW_OUTPUTS_IN_PLACE"]
)
Dims = enumeration("Dims", ["BATCH", "HEIGHT", "WIDTH", "CHANNELS"])
DistributionStrategy = enumeration("DistributionStrategy", ["SINGLE", "DATA_P", "MODEL_P"])


@cache
def inference_context(members: tuple[str, ...]) -> Any:
    """InferenceContext of a version that has these members."""
    return enumeration("InferenceContext", members)


class InvalidArgumentsException(Exception):
    """What the runner raises for arguments that do not fit."""


class ContextInfo:
    """A context of the runner, for annotations."""
