"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: enumerations."""

from tests.sdk_standin.definitions import (
    Dims,
    DistributionStrategy,
    JoinAction,
    JoinOutputLayersOrder,
    States,
    inference_context,
)
from tests.sdk_standin.flavours import V5_3

__all__ = [
    "SUPPORTED_HW_ARCHS",
    "Dims",
    "DistributionStrategy",
    "InferenceContext",
    "JoinAction",
    "JoinOutputLayersOrder",
    "States",
]

IS_STAND_IN = True
SUPPORTED_HW_ARCHS = list(V5_3.chips)
InferenceContext = inference_context(V5_3.contexts)
