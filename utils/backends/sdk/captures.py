"""How inner layers are captured: where versions of the SDK differ inside the networks.

As in `differences`, every way says which versions it serves and where that is known from, and
what an object offers decides which way is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from utils.backends.sdk.differences import NEWEST_MAJOR, InputTensors, Way
from utils.errors import SdkError


class Capture(Protocol):
    """A way to get at what inner layers compute."""

    way: Way

    def layers(self) -> Mapping[str, Any]:
        """Objects of the SDK's inner model, by name of the layer."""

    def run(self, batch: InputTensors) -> dict[str, list[Any]]:
        """Tensors of every layer, one for each of its outputs."""


class InterlayerTensors:
    """The model keeps the tensors of layers that it was compiled with."""

    way = Way(
        "compile(save_interlayer=...), interlayer_tensors",
        "3.25, in SDK_FP_OPTIMIZED; quantized and the rest of 3.x are taken to be alike",
        "a diagnostic tool for 3.25 on GitHub",
    )

    def __init__(self, keras_model: Any, first: InputTensors) -> None:
        """Choose all layers of the model; `first` is not needed."""
        self._model = _required(keras_model, "_model")
        _required(self._model, "compile")(save_interlayer=list(self.layers()))

    def layers(self) -> Mapping[str, Any]:
        """Objects of the SDK's inner model, by name of the layer."""
        return _named_layers(self._model)

    def run(self, batch: InputTensors) -> dict[str, list[Any]]:
        """Tensors of every layer; one input is handed over bare, several by their names.

        That several may be given by name is a guess.
        """
        self._model(next(iter(batch.values())) if len(batch) == 1 else dict(batch))
        found = _required(self._model, "interlayer_tensors")
        return {str(name): _as_list(tensors) for name, tensors in found.items()}


class InternalOutputs:
    """The model returns the tensors of inner layers beside its outputs."""

    way = Way(
        "set_output_interal_layers(names), model(batch) -> (outputs, internal)",
        "5.2; the rest of 5.x is taken to be alike",
        "a script for 5.2 and a compiler for Hailo-10H on GitHub, whose model.predict returns the "
        "same pair; the misspelling is the SDK's",
    )
    _SPELLINGS = ("set_output_interal_layers", "set_output_internal_layers")

    def __init__(self, keras_model: Any, first: InputTensors) -> None:
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

    def run(self, batch: InputTensors) -> dict[str, list[Any]]:
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


def capture_of(keras_model: Any, first: InputTensors, major_version: int) -> Capture:
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
    way: Callable[[Any, InputTensors], Capture],
    keras_model: Any,
    first: InputTensors,
    refusals: list[str],
) -> Capture | None:
    try:
        return way(keras_model, first)
    except (SdkError, TypeError, AttributeError, ValueError, NotImplementedError) as error:
        refusals.append(str(error))
        return None


SWITCHES = (
    Way(
        "set_quantized(), set_native(False)",
        "5.2, in SDK_BIT_EXACT; SDK_QUANTIZED is taken to be alike, where it starts native",
        "a caller of 5.2 on GitHub",
    ),
)


def quantize_now(keras_model: Any) -> None:
    """Switch the model of a quantized context from native to quantized arithmetic."""
    for switch, arguments in (("set_quantized", ()), ("set_native", (False,))):
        if hasattr(keras_model, switch):
            getattr(keras_model, switch)(*arguments)


class Preactivations:
    """Layers in debug mode keep what each of their operations computes; the name is the SDK's."""

    way = Way(
        "_debug_mode, intermidiate_results, _layer_flow, activation_atomic_op",
        "3.25, in SDK_FP_OPTIMIZED; all else is taken to be alike",
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
