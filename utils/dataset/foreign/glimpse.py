"""What is seen of a file without reading it: its first bytes, and what is in a zip or tar file."""

from __future__ import annotations

import os
import tarfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from utils.har.network import Shape

HEAD = 1 << 16  # bytes looked at
ZIP = b"PK"  # what zip files begin with
MEMBERS = 1000  # looked at in the table of contents of a zip or tar file
LARGEST_TAR = 1 << 30  # bytes; listing a larger one takes too long
SEPARATORS: dict[str, str | None] = {",": ",", ";": ";", "\t": "\t", " ": None}


@dataclass(frozen=True)
class Glimpse:
    """What is seen of a file without reading it.

    Parameters
    ----------
    path : the file.
    head : its first bytes.
    shape : (height, width, channels) of a sample of the input.
    """

    path: str
    head: bytes
    shape: Shape

    @property
    def stem(self) -> str:
        """Name of the file without folder and ending, for what is made of it."""
        return os.path.splitext(os.path.basename(self.path))[0] or "calib"

    @cached_property
    def lines(self) -> list[str]:
        """The first lines of a text, without blank ones; none where it is no text."""
        try:
            text = self.head.decode("utf-8", "strict" if len(self.head) < HEAD else "ignore")
        except UnicodeDecodeError:
            return []
        if "\0" in text:
            return []
        lines = text.splitlines()
        if len(self.head) == HEAD:
            lines = lines[:-1]  # cut off
        return [line.strip() for line in lines if line.strip()]

    @cached_property
    def members(self) -> list[str]:
        """Names of the first files in a zip or tar file."""
        with suppress(zipfile.BadZipFile, OSError, ValueError):
            if self.head.startswith(ZIP):
                with zipfile.ZipFile(self.path) as archive:
                    return archive.namelist()[:MEMBERS]
        with suppress(tarfile.TarError, OSError, ValueError):
            if self.head[257:262] == b"ustar" and os.path.getsize(self.path) < LARGEST_TAR:
                with tarfile.open(self.path, "r:") as tar:
                    return [member.name for member in islice(tar, MEMBERS)]
        return []

    @property
    def separator(self) -> str:
        """What stands between the cells of a table: a key of `SEPARATORS`."""
        last = self.lines[-1] if self.lines else ""
        return max(SEPARATORS, key=last.count)

    @property
    def rows(self) -> list[list[str]]:
        """The first lines of a text as the cells of a table."""
        separator = SEPARATORS[self.separator]
        return [[cell.strip() for cell in line.split(separator)] for line in self.lines]
