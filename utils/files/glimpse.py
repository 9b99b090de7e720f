"""What is seen of a file without reading it whole: its first bytes, and names inside of it."""

from __future__ import annotations

import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import islice

HEAD = 1 << 16  # bytes looked at
MEMBERS = 1000  # names looked at in a tar or zip file
NPY, GZIP = b"\x93NUMPY", b"\x1f\x8b"
XZ, BZIP2, ZSTD = b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # with members, without
# What reading names raises where they are damaged, or made to do harm.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    OSError,
    ValueError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
)
_XZ_BYTES = 1 << 28  # a packer may ask for more than any machine has
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Glimpse:
    """A file as far as it is looked at.

    Parameters
    ----------
    path : the file.
    head : its first bytes.
    size : all of its bytes, counted.
    """

    path: str
    head: bytes
    size: int

    @cached_property
    def text(self) -> str:
        """The beginning of a text without byte order mark; "" where it is none."""
        head = self.head.removeprefix(_BYTE_ORDER_MARK)
        if b"\0" in head:
            return ""
        try:
            return head.decode("utf-8", "strict" if self.size <= HEAD else "ignore")
        except UnicodeDecodeError:
            return ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its first whole lines, without blank ones."""
        lines = self.text.splitlines()
        if self.size > HEAD:
            lines = lines[:-1]  # cut off
        return tuple(line.strip() for line in lines if line.strip())

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Names of the first files in a tar or zip file; () where it is neither."""
        with suppress(*_DAMAGE):
            return tuple(islice(self._members(), MEMBERS))
        return ()

    def _members(self) -> Iterator[str]:
        if self.is_zip:
            with zipfile.ZipFile(self.path) as archive:
                yield from archive.namelist()
        elif self.is_tar:
            with tarfile.open(self.path, "r:") as tar:
                yield from (member.name for member in tar)

    @property
    def is_zip(self) -> bool:
        """Whether it begins like a zip file."""
        return self.head.startswith(ZIP)

    @property
    def is_gzip(self) -> bool:
        """Whether it begins like what gzip packs."""
        return self.head.startswith(GZIP)

    @property
    def is_tar(self) -> bool:
        """Whether it begins like a tar file."""
        return _is_tar(self.head)

    @property
    def is_packed_tar(self) -> bool:
        """Whether a tar file was packed, as far as that can be seen."""
        return _is_tar(self.unpacked_head)

    @cached_property
    def unpacked_head(self) -> bytes:
        """The first bytes of what was packed with gzip, xz or bzip2; b"" where none can be seen."""
        # Some Pythons are built without one of the last two.
        with suppress(zlib.error, ImportError, *_DAMAGE):
            if self.is_gzip:
                return zlib.decompressobj(wbits=31).decompress(self.head, HEAD)
            if self.head.startswith(XZ):
                return _unpacked_xz(self.head)
            if self.head.startswith(BZIP2):
                import bz2

                return bz2.BZ2Decompressor().decompress(self.head, HEAD)
        return b""

    @cached_property
    def unpacked_members(self) -> tuple[str, ...]:
        """Names of the first files in a tar file that was packed."""
        found: list[str] = []
        with suppress(*_DAMAGE), tarfile.open(fileobj=BytesIO(self.unpacked_head)) as tar:
            found.extend(member.name for member in tar)
        return tuple(found)


def _unpacked_xz(head: bytes) -> bytes:
    import lzma

    with suppress(lzma.LZMAError):
        return lzma.LZMADecompressor(memlimit=_XZ_BYTES).decompress(head, HEAD)
    return b""


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def glimpse_of(path: str) -> Glimpse | None:
    """Look at a file; None where there is none, or it cannot be read."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as stream:
            return Glimpse(path, stream.read(HEAD), os.fstat(stream.fileno()).st_size)
    except (OSError, ValueError):
        return None
