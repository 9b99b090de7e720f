"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: kinds of layers."""

from tests.sdk_standin.definitions import Activations as ActivationType
from tests.sdk_standin.definitions import Activations as ActivationTypes
from tests.sdk_standin.definitions import EWAddPolicy, LayerType

__all__ = [
    "ActivationType",
    "ActivationTypes",
    "EWAddPolicy",
    "LayerType",
]

IS_STAND_IN = True
