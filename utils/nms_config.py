"""The JSON file that configures non-maximum suppression on the chip or on the host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utils.errors import UsageError

MAX_CONFIG_BYTES = 16 << 20


@dataclass(frozen=True)
class NmsConfig:
    """What the file says.

    Parameters
    ----------
    path : the file.
    values : the JSON object as it stands there.
    """

    path: str
    values: Mapping[str, Any]


def read_nms_config(path: str) -> NmsConfig:
    """Read a configuration.

    Raises
    ------
    UsageError : it cannot be read, or holds no JSON object.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_CONFIG_BYTES:
        raise UsageError(f"{path} is too large for an NMS configuration")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} holds no valid JSON: {error}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{path} holds no JSON object, so it is no NMS configuration")
    return NmsConfig(path, values)
