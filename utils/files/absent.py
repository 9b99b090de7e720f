"""Files that are not there although something points to them: links, and pointers of DVC."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from utils.files.typed import typed
from utils.wording import short

_LONGEST = 200  # characters of a target that are shown
_ANNEX = "annex/objects"  # in the target of a link of git-annex
_DVC = ".dvc"  # folder of its cache, and ending of its pointers


@dataclass(frozen=True)
class Absent:
    """What is known of a file that is not there.

    Parameters
    ----------
    fact : a clause of which the path is the subject.
    remedy : one imperative sentence.
    command : what to type for it; "" for nothing.
    """

    fact: str
    remedy: str
    command: str = ""


def is_broken_link(path: str) -> bool:
    """Whether a path is a link that leads to nothing."""
    return os.path.islink(path) and not os.path.exists(path)


def absent(path: str) -> Absent | None:
    """Why a file is not there; None where it is, or nothing points to it."""
    if os.path.exists(path):
        return None
    pointer = path + _DVC
    if os.path.isfile(pointer):
        return Absent(f"does not exist, but {short(pointer, _LONGEST)} does", *_from_dvc(pointer))
    return _broken(path) if os.path.islink(path) else None


def absent_below(folder: str, link: str) -> Absent | None:
    """The same of all links of a folder, of which one is given."""
    found = absent(link)
    if found is None or not found.command:
        return found
    is_annexed = _ANNEX in _slashed(os.readlink(link))
    line = typed("git", "-C", folder, "annex", "get", ".") if is_annexed else ""
    remedy = found.remedy.replace("the file", "the files")
    return Absent(found.fact, remedy, line or typed("dvc", "pull", folder))


def _slashed(target: str) -> str:
    return target.replace(os.sep, "/")


def _broken(path: str) -> Absent:
    target = os.readlink(path)
    if _leads_back(path):
        return Absent("is a link that leads back to itself", "Pass the file itself.")
    fact = f"is a link to {short(target, _LONGEST)}, which does not exist"
    if _ANNEX in _slashed(target):
        folder, name = os.path.split(path)
        place = ["-C", folder] if folder else []
        line = typed("git", *place, "annex", "get", name)
        return Absent(fact, "Fetch the file with git-annex.", line)
    if f"{_DVC}/" in _slashed(target):
        return Absent(fact, *_from_dvc(path))
    return Absent(fact, "Find out where the file is; its disk may not be mounted.")


def _leads_back(path: str) -> bool:
    try:
        os.stat(path)
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _from_dvc(path: str) -> tuple[str, str]:
    return "Fetch the file with DVC.", typed("dvc", "pull", path)
