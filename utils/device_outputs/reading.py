"""A dump as the user gives it: a file, or a folder."""

from __future__ import annotations

import os

from utils.device_outputs.array_files import arrays_of
from utils.device_outputs.dumped import Dump
from utils.device_outputs.folders import arrays_in
from utils.device_outputs.names import OutputNames
from utils.errors import DiagnosticError


def read_dump(path: str, names: OutputNames, samples: int) -> Dump:
    """Every array that a file or a folder holds.

    Parameters
    ----------
    names : of the outputs.
    samples : how many there are.

    Raises
    ------
    DiagnosticError : it does not exist, cannot be read, or holds no arrays of numbers.
    """
    if not os.path.exists(path):
        raise DiagnosticError(
            f"{path} does not exist; pass the file or folder of the chip's outputs with "
            "--device-outputs"
        )
    arrays = arrays_in(path, names, samples) if os.path.isdir(path) else arrays_of(path)
    return Dump(path, tuple(arrays))
