"""The calls by which public programs look into a network, for tests of the stand-in."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Batch = Mapping[str, FloatArray]


@dataclass(frozen=True)
class Capture:
    """What a call of the model showed.

    Parameters
    ----------
    layers : arrays of a layer's outputs, by layer.
    preactivations : by layer, of those that have an activation.
    outputs : of the network, in output order.
    """

    layers: dict[str, list[FloatArray]]
    preactivations: dict[str, FloatArray]
    outputs: list[FloatArray]


def sdk() -> Any:
    return importlib.import_module("hailo_sdk_client")


def captured(path: str, context: str, batch: Batch, wanted: Sequence[str] | None = None) -> Capture:
    """All inner layers of one batch, or those wanted, by the way that fits the version."""
    module = sdk()
    runner = module.ClientRunner(har=path)
    with runner.infer_context(module.InferenceContext[context]) as opened:
        if module.__version__.startswith("3."):
            return _by_interlayer_tensors(runner.get_keras_model(opened)._model, batch, wanted)
        return _by_internal_layers(runner.get_keras_model(opened), batch, wanted)


def _by_interlayer_tensors(model: Any, batch: Batch, wanted: Sequence[str] | None) -> Capture:
    model.compile(save_interlayer=list(wanted or model.layers))
    _debug(model)

    def run(data: Any) -> Any:
        outputs = model(data)
        return outputs, model.interlayer_tensors, _preactivations(model)

    outputs, layers, before = tf.function(run)(dict(batch))
    return _capture(outputs, layers, before)


def _by_internal_layers(model: Any, batch: Batch, wanted: Sequence[str] | None) -> Capture:
    model.build({name: values[:1] for name, values in batch.items()})
    names = list(wanted or model.model.layers)
    model.model.set_output_interal_layers(names)
    _debug(model.model)

    def run(data: Any) -> Any:
        outputs, internal = model(data, training=False)
        return outputs, internal, _preactivations(model.model)

    outputs, internal, before = tf.function(run)(dict(batch))
    return _capture(outputs, dict(zip(names, internal, strict=True)), before)


def _debug(model: Any) -> None:
    for layer in model.layers.values():
        layer._debug_mode = True


def _preactivations(model: Any) -> dict[str, Any]:
    found = {}
    for name, layer in model.layers.items():
        activation = getattr(layer, "activation_atomic_op", None)
        if activation is not None:
            (before,) = layer._layer_flow.predecessors_sorted(activation.name)[:1]
            found[name] = layer.intermidiate_results.get(before)
    return {name: tensor for name, tensor in found.items() if tensor is not None}


def _capture(outputs: Any, layers: Mapping[str, Any], before: Mapping[str, Any]) -> Capture:
    return Capture(
        {name: _arrays(tensors) for name, tensors in layers.items()},
        {name: tensor.numpy() for name, tensor in before.items()},
        _arrays(outputs),
    )


def _arrays(tensors: Any) -> list[FloatArray]:
    several = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    return [tensor.numpy() for tensor in several]
