"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: enumerations."""

from tests.sdk_standin.definitions import (
    Dims,
    DistributionStrategy,
    JoinAction,
    JoinOutputLayersOrder,
    States,
    inference_context,
)
from tests.sdk_standin.flavours import V3_25

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
SUPPORTED_HW_ARCHS = list(V3_25.chips)
InferenceContext = inference_context(V3_25.contexts)
