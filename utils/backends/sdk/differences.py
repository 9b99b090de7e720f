"""Where versions of the SDK differ, feature by feature: the only place that knows of it.

Every way of a feature says which versions it serves and where that is known from. What an object
offers decides which way is taken, not its version: versions between those that are known may
have either.

The archive answers better than the SDK: graph, weights, encodings, statistics.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from utils.errors import SdkError

# The versions that the ways below are known from; others are tried as well, with a warning.
OLDEST = (3, 23)  # the first with infer_context (Hailo model zoo v2.7)
NEWEST_MAJOR = 5

Batch = Mapping[str, Any]  # tensors (batch, height, width, channels) by scoped input layer


@dataclass(frozen=True)
class Way:
    """Where a feature is found, in which versions.

    Parameters
    ----------
    place : module, attribute or argument.
    serves : versions of the Dataflow Compiler.
    source : where that is known from.
    """

    place: str
    serves: str
    source: str


INFERENCE_CONTEXTS = (
    Way("hailo_sdk_client", "3.23 to 5.x", "Hailo model zoo v2.7 to v5.2, Hailo's tutorials"),
    Way("hailo_sdk_client.exposed_definitions", "3.23 to 5.x", "callers on GitHub, 3.25 and 5.2"),
)
ARCHIVE_ARGUMENTS = (
    Way("har", "3.25 to 5.x", "Hailo model zoo v2.9 to v5.2"),
    Way("har_path", "before 3.25", "a YOLOX example on GitHub"),
)
ACTIVATION_TYPES = (
    Way("ActivationTypes", "3.23 to 5.2", "Hailo model zoo v2.7 to v5.2.0"),
    Way("ActivationType", "3.25", "a diagnostic tool for 3.25 on GitHub"),
)
KEY_SUFFIXES = (
    Way("", "some of 3.25 to 5.x", "a diagnostic tool for 3.25 on GitHub"),
    Way(":0", "others of 3.25 to 5.x", "an older state of the same tool; 3.33 archives"),
)
GRAPHS = (
    Way("get_hn_dict", "3.23 to 5.x", "luxonis/modelconverter; a caller of 5.2 on GitHub"),
    Way("get_hn", "3.23 to 5.x, text or dict", "Hailo's tutorials; callers on GitHub"),
)
ACTIVATIONS_MODULE = "hailo_sdk_common.hailo_nn.hn_definitions"


def inference_contexts(client: Any) -> Any:
    """The enumeration InferenceContext, whose members say what is emulated."""
    for way in INFERENCE_CONTEXTS:
        module = client if way.place == client.__name__ else _imported(way.place)
        if hasattr(module, "InferenceContext"):
            return module.InferenceContext
    raise SdkError("the SDK has no InferenceContext")


def loaded_runner(client: Any, path: str, hw_arch: str) -> Any:
    """A ClientRunner that holds the archive.

    Parameters
    ----------
    path : the archive, absolute.
    hw_arch : chip that the archive is for; "" leaves it to the SDK.
    """
    if not hasattr(client, "ClientRunner"):
        raise SdkError("the SDK has no ClientRunner")
    chip = {"hw_arch": hw_arch} if hw_arch else {}
    newer, older = (way.place for way in ARCHIVE_ARGUMENTS)
    try:
        return client.ClientRunner(**chip, **{newer: path})
    except TypeError as error:
        if newer not in str(error):  # it is not the argument that it minds
            raise
    return client.ClientRunner(**chip, **{older: path})


def known_chips(client: Any) -> tuple[str, ...]:
    """Chips that this SDK serves; empty where it does not say."""
    module = _imported(f"{client.__name__}.exposed_definitions")
    names = getattr(module, "SUPPORTED_HW_ARCHS", ())
    return tuple(str(getattr(name, "value", name)) for name in names)


def graph_of(runner: Any) -> Mapping[str, Any]:
    """The quantized graph as the SDK holds it: an HN with its ``layers``; empty if it hides it."""
    for way in GRAPHS:
        read = getattr(runner, way.place, None)
        if read is None:
            continue
        graph = read()
        graph = json.loads(graph) if isinstance(graph, (str, bytes)) else graph
        if isinstance(graph, Mapping):
            return graph
    return {}


def linear_activation() -> Any:
    """The member of the SDK's enumeration of activations that means none; None if not found."""
    module = _imported(ACTIVATIONS_MODULE)
    for way in ACTIVATION_TYPES:
        kinds = getattr(module, way.place, None)
        if kinds is not None:
            return getattr(kinds, "linear", None)
    return None


def value_of(arrays: Mapping[str, Any], key: str) -> Any:
    """An entry of a layer's parameters, however its key is spelled; None if there is none."""
    spellings = (f"{key}{way.place}" for way in KEY_SUFFIXES)
    return next((arrays[spelling] for spelling in spellings if spelling in arrays), None)


class Capture(Protocol):
    """A way to get at what inner layers compute."""

    way: Way

    def layers(self) -> Mapping[str, Any]:
        """Objects of the SDK's inner model, by name of the layer."""

    def run(self, batch: Batch) -> dict[str, list[Any]]:
        """Tensors of every layer, one for each of its outputs."""


class InterlayerTensors:
    """The model keeps the tensors of layers that it was compiled with."""

    way = Way(
        "compile(save_interlayer=...), interlayer_tensors",
        "3.25; 3.x is taken to be alike",
        "a diagnostic tool for 3.25 on GitHub",
    )

    def __init__(self, keras_model: Any, first: Batch) -> None:
        """Choose all layers of the model; `first` is not needed."""
        self._model = _required(keras_model, "_model")
        _required(self._model, "compile")(save_interlayer=list(self.layers()))

    def layers(self) -> Mapping[str, Any]:
        """Objects of the SDK's inner model, by name of the layer."""
        return _named_layers(self._model)

    def run(self, batch: Batch) -> dict[str, list[Any]]:
        """Tensors of every layer; one input is handed over bare, several by their names."""
        self._model(next(iter(batch.values())) if len(batch) == 1 else dict(batch))
        found = _required(self._model, "interlayer_tensors")
        return {str(name): _as_list(tensors) for name, tensors in found.items()}


class InternalOutputs:
    """The model returns the tensors of inner layers beside its outputs."""

    way = Way(
        "set_output_interal_layers(names), model(batch) -> (outputs, internal)",
        "5.2; 5.x is taken to be alike",
        "callers of 5.2 on GitHub; the misspelling is the SDK's",
    )
    _SPELLINGS = ("set_output_interal_layers", "set_output_internal_layers")

    def __init__(self, keras_model: Any, first: Batch) -> None:
        """Build the model for one sample and choose all its layers."""
        self._keras_model = keras_model
        if hasattr(keras_model, "build"):
            keras_model.build({name: tensor[:1] for name, tensor in first.items()})
        model = _required(keras_model, "model")
        spelling = next((name for name in self._SPELLINGS if hasattr(model, name)), "")
        self._layers = _named_layers(model)
        _required(model, spelling or self._SPELLINGS[0])(list(self._layers))

    def layers(self) -> Mapping[str, Any]:
        """Objects of the SDK's inner model, by name of the layer."""
        return self._layers

    def run(self, batch: Batch) -> dict[str, list[Any]]:
        """Tensors of every layer."""
        result = self._keras_model(dict(batch), training=False)
        internal = result[1] if isinstance(result, (tuple, list)) and len(result) == 2 else ()
        if isinstance(internal, Mapping):
            return {str(name): _as_list(part) for name, part in internal.items()}
        if len(internal) != len(self._layers):
            raise SdkError(
                f"the SDK's model was asked for {len(self._layers)} inner layers and returned "
                f"{len(internal)}"
            )
        return {name: _as_list(part) for name, part in zip(self._layers, internal, strict=True)}


CAPTURES = (InterlayerTensors, InternalOutputs)


def capture_of(keras_model: Any, first: Batch, major_version: int) -> Capture:
    """The way that this model offers; the one that its version is known for is tried first.

    Raises
    ------
    SdkError : it offers neither.
    """
    refusals: list[str] = []
    for way in CAPTURES if major_version < NEWEST_MAJOR else CAPTURES[::-1]:
        if (capture := _attempted(way, keras_model, first, refusals)) is not None:
            return capture
    raise SdkError(f"inner layers cannot be captured: {'; '.join(refusals)}")


def _attempted(
    way: Callable[[Any, Batch], Capture], keras_model: Any, first: Batch, refusals: list[str]
) -> Capture | None:
    try:
        return way(keras_model, first)
    except (SdkError, TypeError, AttributeError, ValueError, NotImplementedError) as error:
        refusals.append(str(error))
        return None


def quantize_now(keras_model: Any) -> None:
    """Switch the model of a quantized context from native to quantized arithmetic.

    Serves 5.2, whose model of SDK_BIT_EXACT starts native (a caller on GitHub).
    """
    for switch, arguments in (("set_quantized", ()), ("set_native", (False,))):
        if hasattr(keras_model, switch):
            getattr(keras_model, switch)(*arguments)


class Preactivations:
    """Layers in debug mode keep what each of their operations computes; the name is the SDK's."""

    way = Way(
        "_debug_mode, intermidiate_results, _layer_flow, activation_atomic_op",
        "3.25; all others are taken to be alike",
        "a diagnostic tool for 3.25 on GitHub",
    )

    def __init__(self, layers: Mapping[str, Any]) -> None:
        """Switch debug mode on for these layers of the SDK's inner model."""
        self._layers = layers
        for layer in layers.values():
            layer._debug_mode = True

    def of(self, name: str) -> Any:
        """What enters the activation of a layer, as computed in the last run.

        Raises
        ------
        SdkError : it cannot be told.
        """
        layer = self._layers[name]
        activation = _required(layer, "activation_atomic_op")
        results = _required(layer, "intermidiate_results")
        flow = _required(layer, "_layer_flow")
        if activation is None:
            raise SdkError("the SDK knows of no activation there")
        before = next(iter(flow.predecessors_sorted(activation.name)), None)
        if before not in results:
            raise SdkError("the SDK did not keep what enters the activation")
        return _as_list(results[before])[0]


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def _required(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        raise SdkError(f"the SDK's {type(owner).__name__} has no {name}") from None


def _named_layers(model: Any) -> Mapping[str, Any]:
    layers = _required(model, "layers")
    if isinstance(layers, Mapping):
        return layers
    # Keras itself keeps a list.
    return {str(getattr(layer, "full_name", layer.name)): layer for layer in layers}


def _as_list(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
