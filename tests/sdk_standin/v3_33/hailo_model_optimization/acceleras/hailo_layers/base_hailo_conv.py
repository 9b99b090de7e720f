"""Stand-in of DFC 3.33.1 for contract tests, not by Hailo: layers with weights."""

from tests.sdk_standin.layers import BaseHailoConv

__all__ = ["BaseHailoConv"]

IS_STAND_IN = True
