"""Stand-in for contract tests: what is to go wrong, chosen by an environment variable.

The variable holds words separated by commas; some take the name of a layer: ``load`` or
``nan_at=net/conv1,codes``. Commas and other special characters of a layer are percent-encoded.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote, unquote

IS_STAND_IN = True
VARIABLE = "STANDIN_FAULTS"

# Faults that happen or do not.
PLAIN: Mapping[str, str] = {
    "import_fails": "importing the SDK raises ImportError",
    "dependency_missing": "importing the SDK raises ModuleNotFoundError for another package",
    "library_missing": "importing the SDK raises OSError: a shared library is absent",
    "import_exits": "importing the SDK raises SystemExit",
    "load": "the archive cannot be loaded",
    "licence": "loading the archive fails for want of a license file",
    "chip_unknown": "the SDK does not know the chip of the archive",
    "state_unknown": "runner.state is nothing that anybody has heard of",
    "state_unquantized": "runner.state is FP_OPTIMIZED_MODEL",
    "float_context_raises": "entering the float context raises",
    "quantized_context_raises": "entering the quantized context raises",
    "float_raises": "the float model raises when it is called",
    "float_raises_later": "the float model raises at the second batch",
    "quantized_raises": "the quantized model raises when it is called",
    "quantized_raises_later": "the quantized model raises at the second batch",
    "gpu_exhausted": "running a model raises tf.errors.ResourceExhaustedError",
    "cuda_memory": "running a model raises with CUDA_ERROR_OUT_OF_MEMORY in the text",
    "no_get_keras_model": "the runner has no get_keras_model",
    "no_inner_model": "the Keras model has no inner model",
    "no_layers": "the inner model has no layers",
    "no_save_interlayer": "3.x: compile() takes no save_interlayer",
    "no_interlayer_tensors": "3.x: the inner model has no interlayer_tensors",
    "corrected_spelling": "5.x: the method is spelled set_output_internal_layers",
    "no_internal_layers": "5.x: there is no such method in any spelling",
    "no_debug_mode": "layers keep no intermediate results in any mode",
    "no_intermediate_results": "layers have no intermidiate_results",
    "no_layer_flow": "layers have no _layer_flow",
    "starts_native": "5.x: the model of the quantized context is native until set_native(False)",
    "model_dies_with_context": "a model cannot be called after its context was left",
    "rank2_dense": "dense layers give (samples, channels); harmless",
    "codes": "inner layers of the quantized model give codes in place of real values",
}
# Faults of one layer, which their value names.
OF_A_LAYER: Mapping[str, str] = {
    "layer_left_out": "the layer is absent from the captured tensors",
    "layer_missing": "the inner model does not have the layer",
    "layer_renamed": "the inner model knows the layer by another name",
    "wrong_shape": "the captured tensor is twice as high",
    "nan_at": "the captured tensor holds NaN",
    "differs_at": "the layer computes something else, float and quantized",
    "float_differs_at": "the layer computes something else in the float model",
    "quantized_differs_at": "the layer computes something else in the quantized model",
}


def encoded(faults: Mapping[str, bool | str]) -> str:
    """The variable's value for these faults; those that are False are left out."""
    words = []
    for name, value in faults.items():
        _check(name, value)
        if value is not False:
            words.append(name if value is True else f"{name}={quote(value, safe='/')}")
    return ",".join(words)


def active() -> dict[str, bool | str]:
    """Faults that are on now; the name of a layer for those of a layer."""
    found: dict[str, bool | str] = {}
    for word in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, separator, layer = word.partition("=")
        value = unquote(layer) if separator else True
        _check(name, value)
        found[name] = value
    return found


def is_on(name: str) -> bool:
    """Whether a plain fault is on."""
    _check(name, True)
    return name in active()


def concerns(name: str, layer: str) -> bool:
    """Whether a fault of a layer is on for this one, whose name may be given without scope."""
    _check(name, layer)
    return active().get(name) in (layer, layer.rpartition("/")[2])


def _check(name: str, value: bool | str) -> None:
    known = PLAIN if isinstance(value, bool) else OF_A_LAYER
    if name not in known:
        raise ValueError(f"the stand-in has no such fault: {name}={value!r}")
