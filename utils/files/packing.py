"""What packers wrote: how it is unpacked, and what comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from utils.files.binaries import is_packed_archive
from utils.files.glimpse import BZIP2, GZIP, XZ, ZSTD, Glimpse
from utils.files.typed import typed

_NAMES_TAR = re.compile(r"\.(tar\.\w+|t[gx]z|tbz2?|tzst)$", re.IGNORECASE)
SEVEN_ZIP = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")  # unpacked by the same program


@dataclass(frozen=True)
class Packer:
    """A program that packs one file.

    Parameters
    ----------
    magic : how its files begin.
    ending : of their names; its program takes no other.
    command : what unpacks them and keeps the packed file, without the path.
    """

    magic: bytes
    ending: str
    command: tuple[str, ...]


PACKERS = (
    Packer(GZIP, ".gz", ("gunzip", "-k")),
    Packer(XZ, ".xz", ("unxz", "-k")),
    Packer(BZIP2, ".bz2", ("bunzip2", "-k")),
    Packer(ZSTD, ".zst", ("unzstd",)),
)


def packer_of(file: Glimpse) -> Packer | None:
    """What packed a file; None for zip, 7z and tar files, and for what is not packed."""
    return next((each for each in PACKERS if file.head.startswith(each.magic)), None)


def holds_tar(file: Glimpse) -> bool:
    """Whether a tar file of some files was packed; one Hailo Archive, a tar file too, is none.

    Where what is packed cannot be seen, the name tells.
    """
    if file.unpacked_head:
        return file.is_packed_tar and not is_packed_archive(file)
    return bool(_NAMES_TAR.search(file.path))


def unpacked_path(file: Glimpse) -> str:
    """Path of the one file that comes out; "" where it may be several, or they are not known."""
    packer = packer_of(file)
    return "" if packer is None or holds_tar(file) else file.path.removesuffix(packer.ending)


def unpacking_line(file: Glimpse) -> str:
    """What to type to unpack a file; the packed one is kept."""
    if file.is_zip:
        return typed("unzip", file.path)
    if file.head.startswith(SEVEN_ZIP):
        return typed("7z", "x", file.path)
    packer = packer_of(file)
    if packer is None or holds_tar(file):
        return typed("tar", "-xf", file.path)
    if file.path.endswith(packer.ending):
        return typed(*packer.command, *_as_path(file.path))
    named = file.path + packer.ending
    moving = typed("mv", *_as_path(file.path, named))
    return f"{moving} && {typed(*packer.command, *_as_path(named))}"


def _as_path(*paths: str) -> list[str]:
    """Paths as a program takes them that would read one as an option."""
    return [*(["--"] if any(path.startswith("-") for path in paths) else []), *paths]
