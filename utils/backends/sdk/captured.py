"""Tensors that the SDK gave for a layer, in the shapes that the archive records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import tensorflow as tf

from utils.emulator.floats.operands import parts_taken
from utils.emulator.quantized.alone import SPLITTER_TYPES
from utils.errors import SdkError, UnsupportedLayerError
from utils.har.network import Layer, Network, Shape

NOT_CAPTURED = "the SDK gives no tensor for it"
# Layers that hand on what they receive as it is; the SDK's inner model may do without them.
IDENTITY_TYPES = frozenset("output_layer shortcut portal l4_portal ddr loopback bucket".split())

PartT = TypeVar("PartT")
PartT_co = TypeVar("PartT_co", covariant=True)
LayerT = TypeVar("LayerT")


class HasParts(Protocol[PartT_co]):
    """What is known of a layer that was run."""

    @property
    def parts(self) -> tuple[PartT_co, ...]:
        """What each successor receives, in their order."""


def collected(
    network: Network,
    captured: Callable[[Layer, Mapping[str, LayerT]], LayerT],
    not_measured: dict[str, str],
) -> dict[str, LayerT]:
    """What is known of every layer, in the order of the graph.

    Parameters
    ----------
    captured : tells it for one layer, given those before.
    not_measured : takes the reason, by name, where `captured` raises UnsupportedLayerError.

    Raises
    ------
    SdkError : there is nothing but what enters the network.
    """
    computed: dict[str, LayerT] = {}

    def add(layer: Layer) -> None:
        try:
            computed[layer.name] = captured(layer, computed)
        except UnsupportedLayerError as error:
            not_measured[layer.name] = str(error)

    for layer in network:
        add(layer)
    if not_measured and all(_computes_nothing(network[name]) for name in computed):
        name, reason = next(iter(not_measured.items()))
        raise SdkError(f"no layer can be measured with the SDK: {name}: {reason}")
    return computed


def _computes_nothing(layer: Layer) -> bool:
    return layer.type == "input_layer" or layer.type in IDENTITY_TYPES


def captured_parts(layer: Layer, tensors: Sequence[Any], samples: int) -> tuple[tf.Tensor, ...]:
    """What each successor of a layer receives, float32 (samples, height, width, channels).

    Raises
    ------
    UnsupportedLayerError : the SDK gave tensors of another shape or number than are recorded.
    """
    count = max(len(layer.outputs), 1)
    if not tensors:
        raise UnsupportedLayerError(NOT_CAPTURED)
    if len(tensors) == 1:
        return (fitted(tensors[0], layer.output_shape, samples),) * count
    if len(tensors) != count:
        raise UnsupportedLayerError(
            f"the SDK gives {len(tensors)} tensors for it, and the graph has {count} successors"
        )
    shapes = layer.output_shapes
    if len(shapes) != count:
        shapes = (layer.output_shape,) * count
    pairs = zip(tensors, shapes, strict=True)
    return tuple(fitted(tensor, shape, samples) for tensor, shape in pairs)


def fitted(tensor: Any, shape: Shape, samples: int) -> tf.Tensor:
    """A tensor of the SDK as float32 (samples, height, width, channels).

    Parameters
    ----------
    shape : (height, width, channels) that the archive records; (samples, channels) is taken for
        (samples, 1, 1, channels) and the like.
    samples : in the batch; constants may be there once for all of them.

    Raises
    ------
    UnsupportedLayerError : it holds another number of values, or no values at all.
    """
    found = _as_float(tensor)
    given = tuple(int(size) for size in found.shape)
    if given == (samples, *shape):
        return found
    if len(given) < 2 or given[0] not in (1, samples) or math.prod(given[1:]) != math.prod(shape):
        raise UnsupportedLayerError(
            f"the SDK gives a tensor {given} for it, and the archive records "
            f"{(samples, *shape)} for this batch"
        )
    return tf.broadcast_to(tf.reshape(found, [given[0], *shape]), [samples, *shape])


def _as_float(tensor: Any) -> tf.Tensor:
    if tf.is_tensor(tensor) and not hasattr(tensor, "numpy"):
        raise UnsupportedLayerError("the SDK gives a symbolic tensor for it, which has no values")
    try:
        return tf.cast(tf.convert_to_tensor(tensor), tf.float32)
    except (TypeError, ValueError, tf.errors.OpError):
        kind = type(tensor).__name__
        raise UnsupportedLayerError(f"the SDK gives a {kind} for it, not a tensor") from None


def passed_on(
    network: Network, layer: Layer, computed: Mapping[str, HasParts[PartT]]
) -> tuple[PartT, ...]:
    """What a layer hands on as it is, where the SDK's inner model does without it.

    Raises
    ------
    UnsupportedLayerError : the layer does more than that, or what it receives is not known.
    """
    if layer.type not in IDENTITY_TYPES or len(layer.inputs) != 1:
        raise UnsupportedLayerError(NOT_CAPTURED)
    if layer.inputs[0] not in computed:
        raise UnsupportedLayerError(f"depends on {layer.inputs[0]}, which was not captured")
    (part,) = parts_taken(network, layer, computed)
    return (part,) * max(len(layer.outputs), 1)


def whole_output(
    network: Network,
    layer: Layer,
    parts: Sequence[PartT],
    computed: Mapping[str, HasParts[PartT]],
) -> PartT:
    """What leaves a layer; of a splitter, what enters it.

    Raises
    ------
    UnsupportedLayerError : what enters a splitter is not known.
    """
    if layer.type not in SPLITTER_TYPES:
        return parts[0]
    if any(source not in computed for source in layer.inputs) or len(layer.inputs) != 1:
        raise UnsupportedLayerError("what enters it was not captured")
    (operand,) = parts_taken(network, layer, computed)
    return operand
