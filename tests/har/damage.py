"""Archives that were changed by hand, and what is said of them."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from tests.har.archives import NAME, members_of, rewrite
from utils.errors import ArchiveError, DamagedMemberError, DiagnosticError
from utils.har.model import load_model


def read_whole(path: str) -> None:
    """Open an archive and read everything in it."""
    archive = load_model(path).archive
    for member in archive.arrays.values():
        for key in member:
            member[key]
    for members in (archive.json, archive.texts, archive.nms_configs):
        dict(members)


def message_of(
    path: str,
    error: type[DiagnosticError] | tuple[type[DiagnosticError], ...] = (
        ArchiveError,
        DamagedMemberError,
    ),
) -> str:
    with pytest.raises(error) as caught:
        read_whole(path)
    assert path in str(caught.value)
    return str(caught.value)


def raw_archive(path: str, members: dict[str, bytes]) -> str:
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def flipped(path: str, suffix: str) -> str:
    """Flip a bit in the middle of the largest array of an npz member."""
    data = bytearray(members_of(path)[f"{NAME}.{suffix}"])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        largest = max(file.infolist(), key=lambda entry: entry.file_size)
    data[largest.header_offset + largest.compress_size // 2] ^= 0x10
    return rewrite(path, {suffix: bytes(data)})
