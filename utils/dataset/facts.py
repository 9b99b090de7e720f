"""What is known of a calibration set without its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Shape

ARRAY_FILE = "array file"
NPY_FILES = "folder of npy files"
TAKEN_BY_COMPILER = (ARRAY_FILE, NPY_FILES)
# What the compiler itself uses for calibration unless told otherwise.
DEFAULT_DATA_COUNT = 64
# Files of no more samples are used as a whole, where that takes seconds.
LARGEST_WHOLE_FILE = 256
# What the compiler trains on at most, unless told otherwise: more need not be written for it.
MOST_SAVED = 1024
NAMES_LISTED = 10  # in messages, of lists that may be long


def named(index: int, name: str) -> str:
    """A sample as it is told: ``7``, or ``7 (cat.jpg)`` where it has a file of its own."""
    return f"{index} ({name})" if name else str(index)


@dataclass(frozen=True)
class InputInfo:
    """What the calibration set holds for one input.

    Parameters
    ----------
    shape : (height, width, channels) of a sample.
    dtype : numpy's name of the type in the file, e.g. ``uint8``.
    array : name of the array in an npz file; "" where the samples lie in anything else.
    """

    shape: Shape
    dtype: str
    array: str = ""


@dataclass(frozen=True)
class DatasetFacts:
    """A calibration set that fits the network's inputs.

    Parameters
    ----------
    path : the file or folder, or the pattern of files.
    samples : number of samples in the file.
    used : number of samples that are measured, evenly spread over the file.
    inputs : by scoped name of the input layer, in the order of the network.
    notes : sentences on what was changed or ignored.
    kind : what the samples lie in, an npy or npz file unless it says otherwise.
    names : file of every sample; empty where samples have no file of their own.
    """

    path: str
    samples: int
    used: int
    inputs: Mapping[str, InputInfo]
    notes: tuple[str, ...] = ()
    kind: str = ARRAY_FILE
    names: tuple[str, ...] = ()

    @property
    def indices(self) -> NDArray[np.int64]:
        """Places in the file of the samples that are measured, ascending."""
        spread = np.linspace(0, self.samples - 1, self.used).round()
        return np.asarray(spread, np.int64)

    @property
    def is_whole(self) -> bool:
        """Whether all samples of the file are measured."""
        return self.used == self.samples

    @property
    def for_compiler(self) -> str:
        """The path, where the compiler takes what lies there; else ""."""
        return self.path if self.kind in TAKEN_BY_COMPILER else ""

    def named(self, index: int) -> str:
        """A sample as it is told: its place, and its file where it has one."""
        return named(index, self.names[index] if self.names else "")
