"""Stand-in for contract tests: in what the three versions of the SDK differ.

What is known of a version from public callers or files is followed; where nothing is known the
versions are made to differ, so that nobody can rely on one of the possibilities.
"""

from __future__ import annotations

from dataclasses import dataclass

IS_STAND_IN = True
_HAILO8 = ("hailo8", "hailo8l", "hailo8r")
_HAILO15 = ("hailo15h", "hailo15m", "hailo15l")


@dataclass(frozen=True)
class Flavour:
    """A version of the SDK as its callers see it.

    Parameters
    ----------
    version : what `hailo_sdk_client.__version__` says.
    chips : what it compiles for; the first is its default.
    interlayer_tensors : inner layers are captured as 3.25 does; else as 5.2 does.
    activation_enums : names that `hn_definitions` has for the activations.
    hn_as_text : get_hn() gives text, else a dict.
    tensor_index : keys of parameters end in ``:0``.
    io_parameters : parameters have an entry for input and output layers.
    inner_inputs, inner_outputs : the inner model has entries for input and output layers.
    one_output_per_successor : a layer that several layers take has as many outputs; else only
        splitters have more than one.
    linear_has_activation : layers with weights have an activation operation even if it is linear.
    bare_layers : layers without activation lack `activation_atomic_op`; else it is None.
    infer_options : optional arguments of infer_context.
    contexts : members of InferenceContext.
    has_context_info : exposed_definitions has ContextInfo.
    """

    version: str
    chips: tuple[str, ...]
    interlayer_tensors: bool
    activation_enums: tuple[str, ...]
    hn_as_text: bool
    tensor_index: bool
    io_parameters: bool
    inner_inputs: bool
    inner_outputs: bool
    one_output_per_successor: bool
    linear_has_activation: bool
    bare_layers: bool
    infer_options: frozenset[str]
    contexts: tuple[str, ...]
    has_context_info: bool = False


_CONTEXTS = ("SDK_NATIVE", "SDK_FP_OPTIMIZED", "SDK_QUANTIZED", "SDK_HAILO_HW")
_OPTIONS = frozenset({"device_ids", "nms_score_threshold", "custom_infer_config"})

V3_25 = Flavour(
    version="3.25.0",
    chips=(*_HAILO8, "hailo15h"),
    interlayer_tensors=True,
    activation_enums=("ActivationType", "ActivationTypes"),
    hn_as_text=True,
    tensor_index=True,
    io_parameters=False,
    inner_inputs=True,
    inner_outputs=False,
    one_output_per_successor=True,
    linear_has_activation=True,
    bare_layers=False,
    infer_options=frozenset({"device_ids"}),
    contexts=_CONTEXTS,
)
V3_33 = Flavour(
    version="3.33.1",
    chips=(*_HAILO8, *_HAILO15),
    interlayer_tensors=True,
    activation_enums=("ActivationTypes",),
    hn_as_text=False,
    tensor_index=True,
    io_parameters=True,
    inner_inputs=True,
    inner_outputs=True,
    one_output_per_successor=False,
    linear_has_activation=True,
    bare_layers=True,
    infer_options=_OPTIONS,
    contexts=_CONTEXTS,
    has_context_info=True,
)
V5_3 = Flavour(
    version="5.3.0",
    chips=("hailo10h", *_HAILO15),
    interlayer_tensors=False,
    activation_enums=("ActivationType",),
    hn_as_text=False,
    tensor_index=False,
    io_parameters=True,
    inner_inputs=False,
    inner_outputs=False,
    one_output_per_successor=True,
    linear_has_activation=False,
    bare_layers=False,
    infer_options=_OPTIONS,
    contexts=(*_CONTEXTS, "SDK_BIT_EXACT"),
)
