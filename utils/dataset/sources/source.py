"""What is found where the user points: samples, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from utils.dataset.arrays import StoredArray
from utils.dataset.facts import NPY_FILES
from utils.dataset.read_as import ReadAs
from utils.wording import listed

__all__ = ["NPY_FILES", "PICTURES", "RAW_VALUES", "RECORDS", "Opened", "Source", "without_effect"]

# What samples lie in, as it is told.
PICTURES = "pictures"
RAW_VALUES = "raw values"
RECORDS = "TFRecord"


def without_effect(read_as: ReadAs, kind: str) -> str:
    """A sentence on what the user decided about data that are of another kind; "" for nothing."""
    default, takes_pictures = ReadAs(), kind in (PICTURES, RECORDS)
    decided = {
        "--resize": read_as.resize != default.resize and not takes_pictures,
        "--colour": read_as.colour != default.colour and not takes_pictures,
        "--raw-shape": read_as.raw_shape is not None and kind != RAW_VALUES,
    }
    names = [name for name, is_unused in decided.items() if is_unused]
    verb = "has" if len(names) == 1 else "have"
    return f"{listed(names)} {verb} no effect on data of this kind ({kind})" if names else ""


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
