"""Folders of a dump: one file for every output, for every frame, or for both."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from utils.device_outputs.array_files import ENDINGS, MOST_BYTES, arrays_of
from utils.device_outputs.dumped import Dumped, natural_order
from utils.device_outputs.names import OutputNames, canonical
from utils.device_outputs.nms.lists import is_box_list, stacked_lists
from utils.errors import DiagnosticError
from utils.wording import listed, plural

MOST_FILES = 100_000
_NUMBER = re.compile(r"\d+")
_WAY_OUT = "keep one file for each output, or one npz file for each sample with all of its outputs"


def arrays_in(folder: str, names: OutputNames, samples: int) -> list[Dumped]:
    """Every output of a folder, frames in the order of the numbers in their names.

    Parameters
    ----------
    names : of the outputs, which tell them apart from numbers of frames.
    samples : how many there are.

    Raises
    ------
    DiagnosticError : it holds no files of arrays, too many, or frames that do not fit together.
    """
    files = _files(folder)
    if not files:
        raise DiagnosticError(
            f"{folder} holds no npy, npz or bin files; pass the folder of the chip's outputs with "
            "--device-outputs"
        )
    frames: dict[str, list[Dumped]] = {}
    nameless: list[Dumped] = []
    total = 0
    for file in files:
        for dumped in arrays_of(os.path.join(folder, file)):
            total += dumped.array.nbytes
            if total > MOST_BYTES:
                raise DiagnosticError(
                    f"{folder} holds more than {MOST_BYTES >> 30} GiB; keep the outputs of fewer "
                    "samples, and say how many with --data-count"
                )
            output = _output(file, dumped, names)
            if output:
                frames.setdefault(output, []).append(dumped)
            else:
                stem = canonical(os.path.splitext(file)[0])
                nameless.append(Dumped(stem, dumped.array, dumped.is_raw))
    joined = [_joined(folder, output, found) for output, found in frames.items()]
    return [*joined, *_grouped(folder, nameless, samples)]


def _files(folder: str) -> list[str]:
    try:
        found = list(islice(_walked(folder), MOST_FILES + 1))
    except OSError as error:
        raise DiagnosticError(f"{folder} cannot be read: {error.strerror or error}") from error
    if len(found) > MOST_FILES:
        raise DiagnosticError(f"{folder} holds more than {MOST_FILES:,} files; {_WAY_OUT}")
    return sorted(found, key=natural_order)


def _walked(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if os.path.splitext(name)[1].lower() in ENDINGS and not name.startswith("."):
                yield os.path.relpath(os.path.join(place, name), folder)


def _output(file: str, dumped: Dumped, names: OutputNames) -> str:
    """Name of the output that a file holds; "" where none is named."""
    if file.lower().endswith(".npz"):
        return dumped.name
    named = names.within(os.path.splitext(file)[0])
    return named.layer if named else ""


def _grouped(folder: str, files: Sequence[Dumped], samples: int) -> list[Dumped]:
    """Files whose names name no output: one for every frame where their numbers can say so."""
    for place in (-1, 0, 1):
        groups: dict[str, list[Dumped]] = {}
        for file in files:
            groups.setdefault(_without_number(file.name, place), []).append(file)
        if groups and all(len(found) == samples for found in groups.values()):
            return [_joined(folder, name, found) for name, found in groups.items()]
    return list(files)


def _without_number(name: str, place: int) -> str:
    """A name without one of its numbers; the whole where it has none there."""
    numbers = list(_NUMBER.finditer(name))
    if not -len(numbers) <= place < len(numbers):
        return name
    number = numbers[place]
    return (name[: number.start()] + name[number.end() :]).strip("_")


def _joined(folder: str, output: str, found: Sequence[Dumped]) -> Dumped:
    """The frames of one output, one after the other."""
    if len(found) == 1:
        return Dumped(output, found[0].array, found[0].is_raw)
    if all(is_box_list(each.array) for each in found):
        return Dumped(output, stacked_lists([each.array for each in found]))
    shapes = {(each.array.shape, each.array.dtype.str) for each in found}
    if len(shapes) > 1:
        said = listed([each.described for each in found], 3)
        raise DiagnosticError(
            f"{folder} holds {plural(len(found), 'file')} of {output or 'one output'} that do not "
            f"fit together: {said}; {_WAY_OUT}"
        )
    return Dumped(output, np.stack([each.array for each in found]), found[0].is_raw)
