"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: layers."""

from tests.sdk_standin.layers import BaseHailoLayer

__all__ = ["BaseHailoLayer"]

IS_STAND_IN = True
