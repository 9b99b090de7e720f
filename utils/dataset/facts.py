"""What is known of a calibration set without its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from utils.har.network import Shape


@dataclass(frozen=True)
class InputInfo:
    """What the calibration set holds for one input.

    Parameters
    ----------
    shape : (height, width, channels) of a sample.
    dtype : numpy's name of the type in the file, e.g. ``uint8``.
    """

    shape: Shape
    dtype: str


@dataclass(frozen=True)
class DatasetFacts:
    """A calibration set that fits the network's inputs.

    Parameters
    ----------
    path : the npy or npz file.
    samples : number of samples in the file.
    used : number of samples that are measured, the first ones of the file.
    inputs : by scoped name of the input layer, in the order of the network.
    notes : sentences on what was ignored.
    """

    path: str
    samples: int
    used: int
    inputs: Mapping[str, InputInfo]
    notes: tuple[str, ...] = ()
