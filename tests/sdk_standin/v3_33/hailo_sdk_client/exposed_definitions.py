"""Stand-in of DFC 3.33.1 for contract tests, not by Hailo: enumerations."""

from tests.sdk_standin.definitions import (
    ContextInfo,
    Dims,
    DistributionStrategy,
    JoinAction,
    JoinOutputLayersOrder,
    States,
    inference_context,
)
from tests.sdk_standin.flavours import V3_33

__all__ = [
    "SUPPORTED_HW_ARCHS",
    "ContextInfo",
    "Dims",
    "DistributionStrategy",
    "InferenceContext",
    "JoinAction",
    "JoinOutputLayersOrder",
    "States",
]

IS_STAND_IN = True
SUPPORTED_HW_ARCHS = list(V3_33.chips)
InferenceContext = inference_context(V3_33.contexts)
