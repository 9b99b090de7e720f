"""The content of one file in a zip archive, piece by piece, its checksum compared at the end."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator

from utils.har.archive_file import CHUNK_BYTES, Member

# What stands before the content: signature, fields that the directory repeats, two lengths.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"
_USUAL_EXTRA_BYTES = 64  # numpy writes 20


def unpacked(archive: zipfile.ZipFile, member: Member, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Pieces of the content; a piece is not longer than `CHUNK_BYTES`.

    Parameters
    ----------
    archive : the zip archive, which is the member.
    entry : from its directory.

    Raises
    ------
    zipfile.BadZipFile : the file contradicts the directory, or its checksum.
    """
    if entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1:  # nor encrypted
        yield from _stored(member, entry)
        return
    with archive.open(entry) as stream:
        while piece := stream.read(CHUNK_BYTES):
            yield piece


def _stored(member: Member, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The same of a file that is not compressed.

    zipfile takes three times as long for a small file, and archives hold thousands of them.
    """
    if entry.compress_size != entry.file_size:
        raise zipfile.BadZipFile(f"File {entry.orig_filename!r} has two sizes")
    header_bytes = _LOCAL_HEADER.size + len(entry.orig_filename) + _USUAL_EXTRA_BYTES
    head = member.part(entry.header_offset, header_bytes + min(entry.file_size, CHUNK_BYTES))
    begin = _content_begin(head, entry)
    left, position, checksum = entry.file_size, entry.header_offset + begin, 0
    piece = head[begin : begin + min(left, CHUNK_BYTES)]
    while left:
        piece = piece or member.part(position, min(left, CHUNK_BYTES))
        if not piece:
            raise EOFError(f"File {entry.orig_filename!r} lacks its last {left} bytes")
        left, position = left - len(piece), position + len(piece)
        checksum = zlib.crc32(piece, checksum)
        if not left and checksum != entry.CRC:
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {entry.orig_filename!r}")
        yield piece
        piece = b""


def _content_begin(head: bytes, entry: zipfile.ZipInfo) -> int:
    """Where the content begins, from the beginning of the local header."""
    if len(head) < _LOCAL_HEADER.size:
        raise EOFError(f"File {entry.orig_filename!r} has no header")
    signature, name_bytes, extra_bytes = _LOCAL_HEADER.unpack_from(head)
    if signature != _SIGNATURE:
        raise zipfile.BadZipFile(f"Bad magic number for file header of {entry.orig_filename!r}")
    return _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)
