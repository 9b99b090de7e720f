"""What is found where the user points: samples, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from utils.dataset.arrays import StoredArray
from utils.dataset.facts import NPY_FILES

__all__ = ["NPY_FILES", "PICTURES", "RAW_VALUES", "RECORDS", "Opened", "Source"]

# What samples lie in, as it is told.
PICTURES = "pictures"
RAW_VALUES = "raw values"
RECORDS = "TFRecord"


@dataclass(frozen=True)
class Source:
    """The samples of one input.

    Parameters
    ----------
    samples : where they lie, as one array.
    kind : what they lie in.
    names : file of every sample, shortened; empty where samples have no file of their own.
    notes : sentences on what was changed or ignored.
    """

    samples: StoredArray
    kind: str
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """The samples of all inputs.

    Parameters
    ----------
    arrays : by scoped name of the input layer.
    kind, names, notes : as of `Source`.
    """

    arrays: Mapping[str, StoredArray]
    kind: str
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
