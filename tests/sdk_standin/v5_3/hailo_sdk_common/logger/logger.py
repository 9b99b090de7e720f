"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: loggers."""

from tests.sdk_standin.surface import create_custom_logger

__all__ = ["create_custom_logger"]

IS_STAND_IN = True
