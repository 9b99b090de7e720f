"""A plan made from what lies in a folder: every archive with data whose shapes fit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnosis.fleet.likely_data import is_of_calibrated_range, likeness, rarity
from diagnosis.fleet.offered_data import OfferedData
from diagnosis.output_files import ANOTHER_PATH, write_file
from utils.dataset.read_as import CROP, LETTERBOX, STRETCH, ReadAs
from utils.errors import DiagnosticError, UsageError
from utils.files.pictures import names_picture
from utils.har.model import load_model
from utils.terminal.logger import complain
from utils.tool import COMMAND, is_checkout
from utils.wording import plural, printable, short

NAME = "fleet.yaml"
# An installed command has no documentation beside it.
MORE = "docs/fleets.md" if is_checkout() else f"{COMMAND} fleet --help"
MOST_FILES = 20_000  # that are looked at
ARCHIVE = ".har"
DATA = (".npy", ".npz", ".tfrecord", ".tfrecords")


@dataclass(frozen=True)
class Paired:
    """An archive of the folder.

    Parameters
    ----------
    archive : its path from the folder.
    data : those that fit, the most likely first, from the folder.
    resized : where none fit: folders of pictures that do once they are resized, likewise.
    problem : why it cannot be judged; "" if it can.
    """

    archive: str
    data: tuple[str, ...] = ()
    problem: str = ""
    resized: tuple[str, ...] = ()


def write_plan(folder: str) -> int:
    """Write a plan into a folder; returns the exit code: 2 where an archive cannot be judged.

    Raises
    ------
    UsageError : the folder does not exist, or holds no archive.
    """
    if not os.path.isdir(folder):
        is_file = os.path.exists(folder)
        said = "is no folder" if is_file else "does not exist"
        raise UsageError(f"{printable(folder)} {said}; --init takes the folder of the archives")
    archives, data = _found(folder)
    if not archives:
        raise UsageError(f"{folder} holds no archive (*{ARCHIVE})")
    told = rarity([*archives, *data])
    offered = OfferedData()
    paired = [_paired(folder, archive, data, told, offered) for archive in archives]
    path = _written(os.path.join(folder, NAME), plan_text(paired))
    sys.stdout.write(f"Wrote the plan: {path} ({_counted(paired)})\n")
    damaged = [each for each in paired if each.problem]
    for each in damaged:
        complain(f"{each.archive}: {each.problem}")
    return 2 if damaged else 0


def _counted(paired: Sequence[Paired]) -> str:
    damaged = sum(bool(each.problem) for each in paired)
    fitting = sum(bool(each.data) for each in paired)
    said = f"{plural(len(paired) - damaged, 'archive')}, {fitting} with data"
    several = sum(len(each.data) > 1 for each in paired)
    if several:
        said += f"; at {several} several data fit, see the plan"
    resized = sum(bool(each.resized) for each in paired)
    if resized:
        said += f"; at {resized} pictures fit once they are resized, see the plan"
    return f"{said}; {damaged} cannot be judged" if damaged else said


def _written(path: str, text: str) -> str:
    try:
        return write_file(path, text.encode(), lambda _: False)
    except UsageError as error:
        reason = str(error).removesuffix(ANOTHER_PATH)
        raise UsageError(
            f"{reason}; allow writing there, as --init knows no other place"
        ) from error


def plan_text(paired: Sequence[Paired]) -> str:
    """The plan as YAML; what cannot be judged stands in it as a comment."""
    lines = [f"# Archives of this folder, each with the likeliest data that fit; see {MORE}.\n"]
    lines.append("archives:\n" if any(not each.problem for each in paired) else "archives: []\n")
    for each in paired:
        if each.problem:
            lines.append(f"  # {printable(each.archive)}: {short(each.problem, 200)}\n")
            continue
        lines.append(f"  - archive: {_scalar(each.archive)}\n")
        if each.data:
            lines.append(f"    data: {_scalar(each.data[0])}\n")
            lines += [f"    # fits as well: {printable(other)}\n" for other in each.data[1:]]
        elif each.resized:
            lines.append(
                "    # pictures of another size: take away these #, and resize as in training\n"
            )
            lines.append(f"    # data: {_scalar(each.resized[0])}\n")
            lines.append(f"    # options: {{resize: {LETTERBOX}}}  # or {STRETCH}, or {CROP}\n")
        else:
            lines.append("    # no data of this folder fit: only the archive itself is judged\n")
    return "".join(lines)


def _scalar(text: str) -> str:
    # What YAML can take for something else is quoted; JSON's texts are YAML's as well.
    return json.dumps(printable(text) if not text.isprintable() else text, ensure_ascii=False)


def _found(folder: str) -> tuple[list[str], list[str]]:
    """Archives, and what may be data: files of arrays, and folders that hold pictures."""
    archives, data, seen = [], [], 0
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith((".", "__")))
        folders[:] = [each for each in folders if not each.endswith("-results")]
        here = os.path.relpath(top, folder)
        seen += len(files)
        if any(map(names_picture, files)) and here != os.curdir:
            data.append(here)
        for name in sorted(files):
            path = os.path.normpath(os.path.join(here, name))
            if name.lower().endswith(ARCHIVE):
                archives.append(path)
            elif name.lower().endswith(DATA):
                data.append(path)
        if seen > MOST_FILES:
            break
    return archives, data


def _paired(
    folder: str, archive: str, data: Sequence[str], told: Mapping[str, float], offered: OfferedData
) -> Paired:
    try:
        model = load_model(os.path.join(folder, archive))
    except DiagnosticError as error:
        return Paired(archive, problem=str(error))

    def likeliest(read_as: ReadAs) -> tuple[str, ...]:
        """Data whose shapes fit when they are read so."""
        reaches = {each: offered.reach(model, os.path.join(folder, each), read_as) for each in data}
        alike = {
            each: likeness(archive, each, is_of_calibrated_range(model, reach), told)
            for each, reach in reaches.items()
            if reach is not None
        }
        return tuple(sorted(alike, key=lambda each: -alike[each]))

    fitting = likeliest(ReadAs())
    resized = () if fitting else likeliest(ReadAs(resize=LETTERBOX))
    return Paired(archive, fitting, resized=resized)
