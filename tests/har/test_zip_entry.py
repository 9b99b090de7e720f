"""Files in zip archives give what zipfile reads of them, and say where they are damaged."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from tests.fixtures.members import MemoryFile
from utils.har import zip_entry
from utils.har.archive_file import Member
from utils.har.zip_entry import unpacked

CONTENT = np.random.default_rng(0).bytes(5000)


def zipped(content: bytes = CONTENT, name: str = "a.npy", **options: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as file:  # type: ignore[call-overload]
        file.writestr("first.npy", b"another")
        file.writestr(name, content)
    return stream.getvalue()


def pieces(data: bytes, name: str = "a.npy") -> list[bytes]:
    member = Member(MemoryFile(data), "net.npz", 0, len(data))
    archive = zipfile.ZipFile(io.BytesIO(data))
    return list(unpacked(archive, member, archive.getinfo(name)))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("chunk", [64, 5000, 1 << 20])
def test_the_pieces_are_the_content(
    method: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_entry, "CHUNK_BYTES", chunk)
    found = pieces(zipped(compression=method))
    assert b"".join(found) == CONTENT
    assert max(map(len, found)) <= chunk


@pytest.mark.parametrize("content", [b"", b"x"])
def test_small_files(content: bytes) -> None:
    assert b"".join(pieces(zipped(content))) == content


def test_a_header_may_be_longer_than_usual() -> None:
    entry = zipfile.ZipInfo("a.npy")
    entry.extra = b"\x99\x99\xe8\x03" + bytes(1000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(entry, b"short")
    assert b"".join(pieces(stream.getvalue())) == b"short"


def test_a_name_may_have_letters_of_several_bytes() -> None:
    name = "ü" * 200
    assert b"".join(pieces(zipped(name=name), name)) == CONTENT


@pytest.mark.parametrize("chunk", [64, 1 << 20])
@pytest.mark.parametrize("place", [0, 2500, 4999])
def test_a_flipped_bit_is_noticed(place: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_entry, "CHUNK_BYTES", chunk)
    data = bytearray(zipped())
    data[data.index(CONTENT) + place] ^= 4
    with pytest.raises(zipfile.BadZipFile, match=r"Bad CRC-32 for file 'a\.npy'"):
        pieces(bytes(data))


def test_a_header_that_is_none_is_noticed() -> None:
    data = bytearray(zipped())
    data[data.index(b"PK\x03\x04", 4)] ^= 1
    with pytest.raises(zipfile.BadZipFile, match="Bad magic number"):
        pieces(bytes(data))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("file_size", 9_000, "two sizes"),
        ("header_offset", 10_000, "no header"),
    ],
)
def test_a_directory_that_contradicts_the_file(field: str, value: int, words: str) -> None:
    data = zipped()
    archive = zipfile.ZipFile(io.BytesIO(data))
    entry = archive.getinfo("a.npy")
    setattr(entry, field, value)
    member = Member(MemoryFile(data), "net.npz", 0, len(data))
    with pytest.raises((zipfile.BadZipFile, EOFError), match=words):
        list(unpacked(archive, member, entry))


def test_a_file_that_ends_too_early() -> None:
    data = zipped()
    archive = zipfile.ZipFile(io.BytesIO(data))
    entry = archive.getinfo("a.npy")
    entry.file_size = entry.compress_size = 9_000
    member = Member(MemoryFile(data), "net.npz", 0, len(data))
    with pytest.raises(EOFError, match="lacks its last"):
        list(unpacked(archive, member, entry))
