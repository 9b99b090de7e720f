"""What the definitions of operations rest on where no document states them.

Sentences do not name layers, so that each can be reported once per run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from utils.har.network import Layer

_IDENTITY = "what the compiler inserts to move data ({}) is taken to leave the numbers as they are"

# Type -> what is assumed whenever a layer of this type is run.
ASSUMPTIONS: Mapping[str, str] = {
    "argmax": "argmax is taken to answer with the lowest index where several channels are equal",
    "batch_norm": "a batch_norm layer is read as gamma * (x - mean) / sqrt(variance + epsilon) + "
    "beta, with 1e-5 where no epsilon is stored, or as kernel and bias where no mean is",
    "bucket": _IDENTITY.format("bucket"),
    "ddr": _IDENTITY.format("ddr"),
    "deconv": "deconv is taken to turn its kernel no more than ONNX's ConvTranspose does, with the "
    "input channels first where the kernel's shape leaves it open, and to cut half of "
    "the surplus, rounded down, off the top and left",
    "demux": "demux is taken to copy or to split its input, as the recorded shapes show",
    "external_pad": "external_pad is taken to pad with zeros where no value is stored",
    "feature_interleave": "feature_interleave is taken to deal the channels of its inputs in turn",
    "feature_shuffle": "feature_shuffle is taken to deal the channels of its groups in turn",
    "feature_splitter": "feature_splitter is taken to cut its input in the order of its successors",
    "l4_portal": _IDENTITY.format("l4_portal"),
    "layer_normalization": "layer_normalization is taken to normalize over reduce_axes within "
    "every group of channels, with 1e-5 where no epsilon is stored",
    "loopback": _IDENTITY.format("loopback"),
    "matmul": "matmul is taken to multiply group by group, its groups being slices of the channels",
    "merge": "merge is taken to join its inputs along the axis that the recorded shapes show",
    "output_mux": "output_mux is taken to join its inputs along the axis that the recorded shapes "
    "show",
    "portal": _IDENTITY.format("portal"),
    "precision_change": "precision_change is taken to leave the numbers as they are",
    "row_splitter": "row_splitter is taken to cut its input in the order of its successors",
    "shape_splitter": "shape_splitter is taken to cut its input in the order of its successors",
    "spatial_splitter": "spatial_splitter is taken to cut its input in the order of its successors",
    "width_splitter": "width_splitter is taken to cut its input in the order of its successors",
}


def assumptions_of(layer: Layer, stored: Collection[str] = ("bias",)) -> tuple[str, ...]:
    """What a layer's result rests on beyond documented facts; usually nothing.

    Parameters
    ----------
    stored : names of the arrays that the archive holds for the layer.
    """
    always: tuple[str, ...] = (ASSUMPTIONS[layer.type],) if layer.type in ASSUMPTIONS else ()
    if layer.type in ("conv", "dw", "deconv", "dense") and "bias" not in stored:
        always += ("a layer with weights but no stored bias is taken to have none",)
    return always + tuple(sentence for applies, sentence in _CONDITIONAL if applies(layer))


def _pads_like_caffe(layer: Layer) -> bool:
    return layer.params.get("padding") == "SAME"


def _averages_padding(layer: Layer) -> bool:
    return layer.type == "avgpool" and layer.params.get("padding", "VALID") != "VALID"


def _has_dynamic_weights(layer: Layer) -> bool:
    return layer.type in ("conv", "dw") and bool(layer.params.get("dynamic_weights"))


def _normalizes_its_input(layer: Layer) -> bool:
    return bool(layer.params.get("pre_layer_batch_norm"))


def _adds_before_activation(layer: Layer) -> bool:
    return bool(layer.params.get("elementwise_add")) and layer.params.get("activation") not in (
        None,
        "linear",
    )


def _interpolates(layer: Layer) -> bool:
    return layer.type == "resize" and layer.params.get("method") == "bilinear"


def _skips_pixels(layer: Layer) -> bool:
    return (
        layer.type == "resize"
        and layer.params.get("method") == "nearest_neighbor"
        and not all(ratio.is_integer() for ratio in _ratios(layer))
    )


def _resizes_in_steps(layer: Layer) -> bool:
    return layer.type == "resize" and any(len(steps) > 1 for steps in _ratio_lists(layer))


def _slices_to_the_end(layer: Layer) -> bool:
    slices = (layer.params.get(f"{axis}_slice") for axis in ("height", "width", "features"))
    return layer.type == "slice" and any(
        isinstance(value, list) and len(value) == 3 and not value[1] for value in slices
    )


def _cuts_patches(layer: Layer) -> bool:
    return layer.type == "space_to_depth" and layer.params.get("space_to_depth_type") == "serial"


def _reshapes(layer: Layer) -> bool:
    return layer.type == "format_conversion" and layer.params.get("conversion_type") in (
        "spatial_reshape",
        "reshape_1xw0_to_hxw",
        "spatial_flatten",
        "transpose_matmul",
        "reshape_height_features",
        "yuy2_to_hailo_yuv",
    )


def _thresholds(layer: Layer) -> bool:
    return layer.params.get("activation") == "threshold"


def _ratio_lists(layer: Layer) -> list[list[Any]]:
    lists = (layer.params.get(f"resize_{axis}_ratio_list") for axis in "hwf")
    return [steps for steps in lists if isinstance(steps, list)]


def _ratios(layer: Layer) -> list[float]:
    return [float(r) for steps in _ratio_lists(layer) for r in steps if isinstance(r, (int, float))]


_CONDITIONAL: tuple[tuple[Callable[[Layer], bool], str], ...] = (
    (
        _pads_like_caffe,
        "padding SAME is taken to put (kernel - 1) // 2 values at the top and left, as Caffe does",
    ),
    (
        _averages_padding,
        "an average pool is taken to count padding unless count_include_pad is false",
    ),
    (
        _has_dynamic_weights,
        "weights that are an input are taken to be laid out as (fan-in, fan-out), in a dw as "
        "(height, width, channels)",
    ),
    (
        _normalizes_its_input,
        "a pre_layer_batch_norm without stored moments is taken to be part of the kernel",
    ),
    (_adds_before_activation, "an added second input is taken to precede the activation"),
    (
        _interpolates,
        "bilinear resizing is taken to follow TensorFlow's align_corners and half_pixel_centers",
    ),
    (
        _skips_pixels,
        "nearest-neighbor resizing by a fraction is taken to round positions down",
    ),
    (_resizes_in_steps, "a list of several resize ratios is taken to be done one after the other"),
    (_slices_to_the_end, "a slice that stops at 0 or nowhere is taken to reach to the end"),
    (_cuts_patches, "space_to_depth serial is taken to write a patch row by row"),
    (_reshapes, "format conversions that reshape or transpose are taken to be row-major"),
    (_thresholds, "the activation threshold is taken to keep what exceeds it and to zero the rest"),
)
