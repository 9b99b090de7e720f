"""The registry: what computes a layer of each type, and why some types are not computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import tensorflow as tf

from utils.emulator.operations import (
    convolution,
    deconvolution,
    elementwise,
    format_conversion,
    matmul,
    normalization,
    pooling,
    rearrangement,
    reduction,
    resize,
    shape,
)
from utils.emulator.operations.attributes import static_shape, unsupported
from utils.emulator.operations.contract import Operation, Parameters
from utils.errors import ArchiveError, UnsupportedLayerError
from utils.har.network import Layer

OPERATIONS: dict[str, Operation] = {
    **shape.OPERATIONS,  # input_layer, output_layer, activation, shortcut, concat, slice, ...
    **convolution.OPERATIONS,  # conv, dw, dense
    **deconvolution.OPERATIONS,  # deconv
    **pooling.OPERATIONS,  # maxpool, avgpool, global_avg_pool
    **elementwise.OPERATIONS,  # ew_add, ..., feature_multiplier, square, pow, const_input
    **normalization.OPERATIONS,  # normalization, batch_norm, layer_normalization
    **reduction.OPERATIONS,  # reduce_sum, ..., softmax, argmax
    **matmul.OPERATIONS,  # matmul
    **resize.OPERATIONS,  # resize
    **rearrangement.OPERATIONS,  # space_to_depth, depth_to_space, feature_shuffle, ...
    **format_conversion.OPERATIONS,  # format_conversion
}

# What comes behind these is a list of objects, which has no scale and no noise to measure.
STOP_TYPES: Mapping[str, str] = {
    "nms": "non-maximum suppression selects boxes; what enters it is compared instead",
    "postprocess": "post-processing turns tensors into objects; what enters it is compared instead",
    "bbox_decoder": "box decoding belongs to post-processing; what enters it is compared instead",
    "proposal_generator": "proposals are boxes, not a tensor; what enters them is compared instead",
}

UNDEFINED_TYPES: Mapping[str, str] = {
    "precision_splitter": "it splits the integers of a 16-bit value, which floats do not have",
    "precision_splitter_signed": "it splits the integers of a 16-bit value, "
    "which floats do not have",
    "one_hot": "no archive is known to hold it: parsers write a conv with activation delta",
    "lstm": "no archive is known to hold it: parsers decompose it",
    "gru": "no archive is known to hold it: parsers decompose it",
    "rnn": "no archive is known to hold it: parsers decompose it",
}


def operation_for(layer: Layer) -> Operation:
    """What computes a layer, with inputs and results checked.

    Raises
    ------
    UnsupportedLayerError : at once for a type without operation; when called for attributes
        or arrays that are missing, malformed or contradict the shapes, recorded ones included.
    """
    operation = OPERATIONS.get(layer.type)
    if operation is None:
        reasons = {**STOP_TYPES, **UNDEFINED_TYPES}
        raise unsupported(layer, reasons.get(layer.type, "its type is not known"))
    return partial(_checked, operation)


def _checked(
    operation: Operation, layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor | tuple[tf.Tensor, ...]:
    """Run an operation; whatever it stumbles over becomes one sentence."""
    try:
        result = operation(layer, parameters, inputs)
    except UnsupportedLayerError:
        raise
    except ArchiveError as error:
        raise unsupported(layer, str(error)) from error
    except (ValueError, TypeError, LookupError, ArithmeticError, tf.errors.OpError) as error:
        first_line = str(error).partition("\n")[0]
        raise unsupported(layer, f"its attributes contradict its inputs ({first_line})") from error
    if isinstance(result, tuple):
        for tensor, recorded in zip(result, layer.output_shapes, strict=True):
            _check_shape(layer, tensor, recorded)
    elif layer.output_shapes:
        _check_shape(layer, result, layer.output_shape)
    return result


def _check_shape(layer: Layer, tensor: tf.Tensor, recorded: tuple[int, int, int]) -> None:
    if static_shape(tensor) != recorded:
        raise unsupported(
            layer,
            f"its output would have the shape {static_shape(tensor)}, but {recorded} is recorded",
        )
