"""Files of a folder or of a pattern: told apart by their endings, in the order of their names.

Folders come from strangers: links to folders are not followed, so that there are no loops, and
whoever points at a whole disk is told so.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from utils.dataset.arrays import unreadable_as_dataset_error
from utils.dataset.contact_sheet import is_contact_sheet
from utils.dataset.sources.refusals import unreadable
from utils.dataset.sources.source import NPY_FILES, PICTURES, RAW_VALUES
from utils.files import pictures
from utils.files.absent import is_broken_link

SHEETS = ("standard", "inverse", "resize")
MOST_FILES = 200_000
ENDINGS = {
    **dict.fromkeys(pictures.ENDINGS, PICTURES),
    ".npy": NPY_FILES,
    ".bin": RAW_VALUES,
    ".raw": RAW_VALUES,
}


def files_below(folder: str) -> list[str]:
    """Paths of the files in a folder and in folders inside it, relative to it, by name."""
    with unreadable_as_dataset_error(folder):
        return _bounded(_walked(folder), folder)


def files_matching(pattern: str) -> list[str]:
    """Paths of the files that a pattern such as ``calib/*.jpg`` stands for, by name."""
    with unreadable_as_dataset_error(pattern):
        files = (f for f in glob.iglob(pattern) if os.path.isfile(f) and not _is_own(f))
        return _bounded(files, pattern)


def links_nowhere(place: str) -> list[str]:
    """Paths of links that lead to no file, in a folder and below it, or of a pattern, by name."""
    with unreadable_as_dataset_error(place):
        found = _paths_below(place) if os.path.isdir(place) else glob.iglob(place)
        return sorted(islice(filter(is_broken_link, found), MOST_FILES))


def _paths_below(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder, onerror=_stop):
        folders[:] = [name for name in folders if not name.startswith(".")]
        # Copies from other systems leave hidden companions such as ._0001.jpg.
        yield from (os.path.join(place, name) for name in names if not name.startswith("."))


def folders_in(folder: str) -> list[str]:
    """Names of the folders in a folder, without hidden ones."""
    with unreadable_as_dataset_error(folder), os.scandir(folder) as entries:
        names = (e.name for e in entries if e.is_dir() and not e.name.startswith("."))
        return _bounded(names, folder)


def by_kind(files: Sequence[str]) -> dict[str, list[str]]:
    """The files that hold samples, by what they are; others are left out."""
    kinds: dict[str, list[str]] = {}
    for file in files:
        kind = ENDINGS.get(os.path.splitext(file)[1].lower())
        if kind:
            kinds.setdefault(kind, []).append(file)
    return kinds


def _walked(folder: str) -> Iterator[str]:
    for path in _paths_below(folder):
        if os.path.isfile(path) and not _is_own(path):
            yield os.path.relpath(path, folder)


def _is_own(path: str) -> bool:
    """Whether a file is a contact sheet that an earlier run left there."""
    return os.path.basename(path).startswith(SHEETS) and is_contact_sheet(path)


def _stop(error: OSError) -> None:
    raise error


def _bounded(names: Iterable[str], place: str) -> list[str]:
    found = list(islice(names, MOST_FILES + 1))
    if len(found) > MOST_FILES:
        raise unreadable(
            "The data folder holds too many files",
            place,
            "Pass the folder that holds the calibration set and nothing else.",
            f"more than {MOST_FILES:,}",
        )
    return sorted(found)
