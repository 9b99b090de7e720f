"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: datasets."""

from tests.sdk_standin.surface import data_to_dataset

__all__ = ["data_to_dataset"]

IS_STAND_IN = True
