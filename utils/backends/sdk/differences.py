"""Where versions of the SDK differ, feature by feature: what is around the networks.

What is inside them is in `captures`; no other module knows of any difference.

Every way of a feature says which versions it serves and where that is known from. What an object
offers decides which way is taken, not its version: versions between those that are known may
have either.

The archive answers better than the SDK: graph, weights, encodings, statistics.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utils.errors import SdkError

# The versions that the ways below are known from; others are tried as well, with a warning.
OLDEST = (3, 23)  # the first with infer_context (Hailo model zoo v2.7)
NEWEST_MAJOR = 5

InputTensors = Mapping[str, Any]  # tensors (batch, height, width, channels) by scoped input layer


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
    Way("get_hn_dict", "some of 3.23 to 5.x", "luxonis/modelconverter; a caller of 5.2 on GitHub"),
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
        if f"'{newer}'" not in str(error):  # it is not the argument that it minds
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


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None
