"""Stand-in of DFC 3.33.1 for contract tests, not by Hailo: precision modes."""

from tests.sdk_standin.definitions import PrecisionMode

__all__ = ["PrecisionMode"]

IS_STAND_IN = True
