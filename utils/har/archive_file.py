"""The file of an archive, kept open: its parts are read when somebody asks for them."""

from __future__ import annotations

import hashlib
import io
import os
import threading

from utils.errors import DamagedMemberError
from utils.errors.faults import blame_the_machine

CHUNK_BYTES = 1 << 20


class ArchiveFile:
    """An open file, and what reading its parts has shown to be wrong with it.

    Attributes
    ----------
    path : as it was given.
    damage : sentence on the first part that could not be read; "" as long as there is none.
    """

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises
        ------
        OSError : it cannot be opened.
        """
        self.path = path
        self.damage = ""
        # Nobody closes it: who may still ask for a part is not known before the process ends.
        self._file = open(path, "rb")  # noqa: SIM115
        self._lock = threading.Lock()
        self._stamp = self._present_stamp()

    def __del__(self) -> None:
        """Close the file with the last reader."""
        if hasattr(self, "_file"):
            self._file.close()

    @property
    def stream(self) -> io.BufferedReader:
        """The whole file, for whoever finds out where its parts are."""
        return self._file

    def read_at(self, offset: int, size: int) -> bytes:
        """Bytes of the file, fewer at its end.

        Raises
        ------
        DamagedMemberError : somebody wrote to the file since it was opened, or it cannot be read.
        """
        with self._lock:
            if self._present_stamp() != self._stamp:
                raise self.damaged("the file was changed while it was read; run again")
            try:
                self._file.seek(offset)
                return self._file.read(size)
            except OSError as error:
                blame_the_machine(error, self.path)
                raise self.damaged(f"it cannot be read: {error.strerror or error}") from error

    def sha256(self) -> str:
        """Digest of all bytes, hexadecimal; the whole file is read for it."""
        digest, offset = hashlib.sha256(), 0
        while chunk := self.read_at(offset, CHUNK_BYTES):
            digest.update(chunk)
            offset += len(chunk)
        return digest.hexdigest()

    def damaged(self, reason: str) -> DamagedMemberError:
        """The error to raise for a part that cannot be read; `check` goes on telling it."""
        sentence = f"{self.path}: {reason}"
        self.damage = self.damage or sentence
        return DamagedMemberError(sentence)

    def check(self) -> None:
        """Tell damage again, in case that somebody took it for less.

        Raises
        ------
        DamagedMemberError : a part could not be read.
        """
        if self.damage:
            raise DamagedMemberError(self.damage)

    def _present_stamp(self) -> tuple[int, int]:
        state = os.fstat(self._file.fileno())
        return state.st_size, state.st_mtime_ns


class Member:
    """One part of an archive's file, as a stream of its own that libraries can seek in.

    Parameters
    ----------
    name : of the member.
    offset, size : where it lies, in bytes.
    """

    def __init__(self, file: ArchiveFile, name: str, offset: int, size: int) -> None:
        """Nothing is read yet."""
        self.name = name
        self.size = size
        self._file = file
        self._offset = offset
        self._position = 0

    def whole(self, limit: int) -> bytes:
        """All bytes.

        Raises
        ------
        DamagedMemberError : they are more than `limit`, or not all there.
        """
        if self.size > limit:
            raise self.damaged(f"has {self.size} bytes; at most {limit} allowed")
        data = self._file.read_at(self._offset, self.size)
        if len(data) != self.size:
            raise self.damaged(
                f"ends after {len(data)} of {self.size} bytes; the archive is truncated"
            )
        return data

    def damaged(self, what: str) -> DamagedMemberError:
        """The error to raise about this member; `what` is said of it."""
        return self._file.damaged(f"member {self.name!r} {what}")

    def part(self, offset: int, size: int) -> bytes:
        """Bytes of the member, fewer at its end; the position stays."""
        wanted = max(min(size, self.size - offset), 0)
        return self._file.read_at(self._offset + offset, wanted) if wanted else b""

    def read(self, size: int = -1) -> bytes:
        """Bytes from the position on, all of them without a size."""
        data = self.part(self._position, self.size if size < 0 else size)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position; returns it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError(f"position {base + offset} is before the beginning")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def seekable(self) -> bool:
        """Whether the position can be moved: always."""
        return True
