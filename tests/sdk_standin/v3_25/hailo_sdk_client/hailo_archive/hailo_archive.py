"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: kinds of parameters."""

from tests.sdk_standin.definitions import ParamsKinds

__all__ = ["ParamsKinds"]

IS_STAND_IN = True
