"""Whether Hailo's SDK is there: found without importing it, or much else."""

from __future__ import annotations

import importlib.util

PACKAGE = "hailo_sdk_client"


def is_installed() -> bool:
    """Whether the SDK can be found; it is not imported."""
    try:
        return importlib.util.find_spec(PACKAGE) is not None
    except (ImportError, ValueError):  # half an installation
        return False
