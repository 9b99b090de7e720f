"""What to do with a folder where a file was asked for: it depends on what the file is to be."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from functools import partial

from utils.facts.optimize_command import DATASET
from utils.files.typed import typed
from utils.files.wanted import Wanted
from utils.tool import STARTED as TOOL

ARCHIVE = "MODEL.har"  # for the user to replace
MAX_LISTED = 3  # files of a folder


@dataclass(frozen=True)
class _Sought:
    """What may lie in the folder.

    Parameters
    ----------
    ending : of its name.
    example : a name for the user to replace.
    before, behind : what is typed around its path.
    """

    ending: str
    example: str
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = (ARCHIVE,)


_SOUGHT = {
    Wanted.ARCHIVE: _Sought(".har", ARCHIVE, behind=()),
    Wanted.SCRIPT: _Sought(".alls", "SCRIPT.alls", ("--lint-script",), ()),
    Wanted.NMS_CONFIG: _Sought(".json", "NMS.json", ("--nms-config",)),
    Wanted.REPORT: _Sought(".json", "REPORT.json", ("--baseline",)),
    Wanted.LOG: _Sought(".log", "COMPILER.log", ("--dfc-log",)),
    Wanted.REFERENCE: _Sought(".onnx", "MODEL.onnx", ("-d", DATASET, "--reference")),
}


def passed(file: str, wanted: Wanted) -> str:
    """What to type to pass a file as what was asked for."""
    sought = _SOUGHT[wanted]
    return f"{TOOL} {typed(*sought.before, file or sought.example, *sought.behind)}"


def folder_way(path: str, wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    """What to do, and what to type for it."""
    sought = _SOUGHT[wanted]
    command = partial(passed, wanted=wanted)
    found = sorted(glob.glob(os.path.join(glob.escape(path), f"*{sought.ending}")))[:MAX_LISTED]
    if found:
        return f"Pass one of the {sought.ending} files in it.", tuple(map(command, found))
    remedy = "Pass a file, and not a folder."
    if wanted is Wanted.REFERENCE:
        remedy = "Pass the file of the model, since the folder holds no saved_model.pb."
    return remedy, (command(os.path.join(path, sought.example)),)
