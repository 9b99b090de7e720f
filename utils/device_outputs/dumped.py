"""What a user kept of one output of the chip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Dumped:
    """One array of a dump.

    Parameters
    ----------
    name : by which the dump calls it; "" where it has none.
    array : numbers, with or without an axis of samples; of raw files their bytes, (samples, bytes)
        or (bytes,).
    is_raw : whether only bytes are known, neither type nor shape.
    """

    name: str
    array: NDArray[Any]
    is_raw: bool = False

    @property
    def described(self) -> str:
        """Its name with its shape and type, for messages."""
        shape = "x".join(str(size) for size in self.array.shape) or "one number"
        what = f"{self.array.nbytes:,} bytes" if self.is_raw else f"{shape} {self.array.dtype}"
        return f"{self.name or 'an array without a name'} ({what})"


@dataclass(frozen=True)
class Dump:
    """Everything that one file or folder holds.

    Parameters
    ----------
    path : as it was given.
    arrays : in the order of the file, or of the names.
    """

    path: str
    arrays: tuple[Dumped, ...]


Numbers = NDArray[np.float64]
BYTE, WORD = 256, 65536  # how many numbers 8 and 16 bits hold


def natural_order(name: str) -> list[tuple[int, str]]:
    """What sorts frame10 behind frame9."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
