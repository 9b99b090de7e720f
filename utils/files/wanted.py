"""What a path on the command line is taken for."""

from __future__ import annotations

from enum import Enum


class Wanted(Enum):
    """What a path on the command line is taken for."""

    ARCHIVE = "a Hailo Archive (HAR)"
    SCRIPT = "a model script"
    NMS_CONFIG = "a configuration of the NMS"
    REPORT = "a report of this tool"
    LOG = "a log of the compiler"
    REFERENCE = "an ONNX, TFLite or Keras model"
    DEVICE_OUTPUTS = "outputs of the chip"
