"""Conversions between memory layouts.

Most of them concern only where the hardware keeps a value: the numbers stay what they are.
The others reshape or transpose, or unpack the pixels of a camera format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from utils.emulator.operations.attributes import integers, operands, static_shape, text, unsupported
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.grouping import grouped
from utils.har.network import Layer, Shape

Conversion = Callable[[Layer, tf.Tensor], tf.Tensor]


def format_conversion(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Apply the conversion that the attribute conversion_type names."""
    (tensor,) = operands(layer, inputs, 1)
    return CONVERSIONS[text(layer, "conversion_type", CONVERSIONS)](layer, tensor)


def _same(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    return tensor


def _reshaped(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """The pixels, row by row, in another height and width."""
    channels = static_shape(tensor)[2]
    height, width = _spatial_target(layer)
    _check_size(layer, tensor, (height, width, channels))
    return tf.reshape(tensor, [-1, height, width, channels])


def _flattened(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    height, width, channels = static_shape(tensor)
    return tf.reshape(tensor, [-1, 1, height * width, channels])


def _transposed(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    return tf.transpose(tensor, [0, 1, 3, 2])


def _transposed_per_group(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """(H, W, groups * K) to (H, K, groups * W): every matrix of a matmul for itself."""
    height, width, channels = static_shape(tensor)
    target = layer.output_shape if layer.output_shapes else (height, channels, width)
    depth = target[1]
    if channels % depth or target != (height, depth, channels // depth * width):
        raise unsupported(layer, f"no transposition leads from {static_shape(tensor)} to {target}")
    matrices = tf.transpose(grouped(tensor, channels // depth), [0, 1, 4, 3, 2])
    return tf.reshape(matrices, [-1, height, depth, channels // depth * width])


def _height_and_features(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """(H, W, C) to (H', W, C') with H * C = H' * C', row-major per column."""
    _, width, _ = static_shape(tensor)
    target = layer.output_shape
    _check_size(layer, tensor, (target[0], width, target[2]))
    columns = tf.reshape(tf.transpose(tensor, [0, 2, 1, 3]), [-1, width, target[0], target[2]])
    return tf.transpose(columns, [0, 2, 1, 3])


def _without_alpha(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """The first three of four channels."""
    if static_shape(tensor)[2] != 4:
        raise unsupported(layer, f"its input has {static_shape(tensor)[2]} channels, not RGBX")
    return tensor[..., :3]


def _yuy2(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    """Bytes Y0 U Y1 V, two per pixel, to (Y, U, V); two pixels share U and V."""
    height, width, channels = static_shape(tensor)
    if channels != 2 or width % 2:
        raise unsupported(layer, f"its input has shape {static_shape(tensor)}, not that of YUY2")
    pairs = tf.reshape(tensor, [-1, height, width // 2, 1, 4])
    chroma = tf.repeat(tf.gather(pairs, [1, 3], axis=4), 2, axis=3)
    return tf.concat([tensor[..., :1], tf.reshape(chroma, [-1, height, width, 2])], axis=3)


def _not_public(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    raise unsupported(
        layer, f"how {layer.params['conversion_type']} reads its planes is not public"
    )


def _spatial_target(layer: Layer) -> tuple[int, int]:
    if layer.output_shapes:
        return layer.output_shape[0], layer.output_shape[1]
    height, width = integers(layer, "expand_spatial_sizes", 2)
    return height, width


def _check_size(layer: Layer, tensor: tf.Tensor, target: Shape) -> None:
    height, width, channels = static_shape(tensor)
    if height * width * channels != target[0] * target[1] * target[2]:
        raise unsupported(layer, f"an input of {static_shape(tensor)} does not reshape to {target}")


CONVERSIONS: dict[str, Conversion] = {
    "tf_rgb_to_hailo_rgb": _same,
    "hailo_rgb_to_tf_rgb": _same,
    "hailo_rgb_to_f8cr": _same,
    "f8cr_to_hailo_rgb": _same,
    "hailo_rgb_to_ppu": _same,
    "ppu_to_hailo_rgb": _same,
    "hailo_rgb_to_lcu": _same,
    "spatial_reshape": _reshaped,
    "reshape_1xw0_to_hxw": _reshaped,
    "spatial_flatten": _flattened,
    "transpose_width_features": _transposed,
    "transpose_matmul": _transposed_per_group,
    "reshape_height_features": _height_and_features,
    "tf_rgbx_to_hailo_rgb": _without_alpha,
    "yuy2_to_hailo_yuv": _yuy2,
    "nv12_to_hailo_yuv": _not_public,
    "i420_to_hailo_yuv": _not_public,
}

OPERATIONS: dict[str, Operation] = {"format_conversion": format_conversion}
