"""Which kind a file is of, by what is in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from utils.dataset.foreign.glimpse import ZIP, Glimpse
from utils.dataset.sources.listing import ENDINGS
from utils.dataset.sources.source import PICTURES

ENDS_ALIKE = 0.9  # share of the lines of a list that name pictures
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)
Test = Callable[[Glimpse], bool]


def begins(*magics: bytes) -> Test:
    """Whether a file begins with one of some bytes."""
    return lambda file: file.head.startswith(magics)


def is_pickle(file: Glimpse) -> bool:
    """Whether it begins as pickles of the last decades do."""
    return file.head[:1] == b"\x80" and file.head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def holds(ending: str) -> Test:
    """Whether a zip or tar file has a member whose name ends so."""
    return lambda file: any(name.endswith(ending) for name in file.members)


def is_zip_of_pictures(file: Glimpse) -> bool:
    """Whether it is a zip file with pictures in it."""
    return file.head.startswith(ZIP) and any(map(_names_picture, file.members))


def is_tar_of_pictures(file: Glimpse) -> bool:
    """Whether it is a tar file with pictures in it."""
    return not file.head.startswith(ZIP) and any(map(_names_picture, file.members))


def _names_picture(name: str) -> bool:
    return ENDINGS.get(os.path.splitext(name)[1].lower()) == PICTURES


def is_video(file: Glimpse) -> bool:
    """Whether it is a film: MP4, AVI or Matroska."""
    is_avi = file.head[:4] == b"RIFF" and file.head[8:12] == b"AVI "
    return file.head[4:8] == b"ftyp" or is_avi or file.head.startswith(b"\x1a\x45\xdf\xa3")


def _is_onnx(file: Glimpse) -> bool:
    # A model begins with the version of its format, then with who made it.
    begins = file.head[:1] == b"\x08" and file.head[2:3] == b"\x12"
    return begins and (b"onnx" in file.head or file.path.lower().endswith(".onnx"))


def is_model(file: Glimpse) -> bool:
    """Whether it is a network: HEF, TFLite or ONNX."""
    return file.head.startswith(b"\x01HEF") or file.head[4:8] == b"TFL3" or _is_onnx(file)


def is_python(file: Glimpse) -> bool:
    """Whether it is a Python script."""
    return any(re.match(r"(import|from|def|class) \w", line) for line in file.lines)


def is_list(file: Glimpse) -> bool:
    """Whether nearly every line names a picture."""
    named = [_names_picture(line) for line in file.lines]
    return bool(named) and sum(named) >= ENDS_ALIKE * len(named)


def is_table(file: Glimpse) -> bool:
    """Whether it is a text of numbers in columns, maybe below a line of names."""
    rows = file.rows
    return bool(rows) and len({len(row) for row in rows[1:] or rows}) == 1 and numbers(rows[-1])


def numbers(row: Sequence[str]) -> bool:
    """Whether all cells of a row are numbers."""
    return all(NUMBER.fullmatch(cell) for cell in row)


def is_json(file: Glimpse) -> bool:
    """Whether it is a text that begins as JSON does."""
    return bool(file.lines) and file.lines[0][0] in "[{"
