"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: kinds of layers."""

from tests.sdk_standin.definitions import Activations as ActivationType
from tests.sdk_standin.definitions import EWAddPolicy, LayerType

__all__ = [
    "ActivationType",
    "EWAddPolicy",
    "LayerType",
]

IS_STAND_IN = True
