"""The other process, as this one sees it: started, asked, listened to, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import RawIOBase
from queue import Empty, SimpleQueue
from typing import IO, cast

from utils.backends.process.messages import CHUNK, Kind, Message, read_message, write_message
from utils.tool import ROOT

# Its modules are found where those of this process are, whatever the current folder holds.
_START = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from utils.backends.process.child import main; main(sys.argv[1])"
)
LAST_WORDS = 16_000  # bytes of its standard error that are kept
ENDING_S = 1.0  # that it may take to end


@dataclass(frozen=True)
class Ending:
    """How a process ended.

    Parameters
    ----------
    status : its exit status; minus the number of the signal that ended it; None where it has not
        ended, but talks no sense any more.
    last_words : the end of what it wrote to standard error.
    """

    status: int | None
    last_words: str


class EngineProcess:
    """A process of its own group, so that Ctrl-C reaches only this one; it ends with this one."""

    def __init__(self, backend: str) -> None:
        """Start it.

        Raises
        ------
        OSError : the system allows no more processes, or has no memory for one.
        """
        self._process = subprocess.Popen(
            [sys.executable, *_flags(), "-c", _START, backend, *_search_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        self._messages: SimpleQueue[Message | None] = SimpleQueue()
        self._last_words = b""
        self._has_ended = False
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._overhearing = threading.Thread(target=self._overhear, daemon=True)
        try:
            self._listening.start()
            self._overhearing.start()
        except RuntimeError as error:  # no more threads are allowed
            self.kill()
            raise OSError(str(error)) from error

    @property
    def pid(self) -> int:
        """By which number the system knows it."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._has_ended

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Ask something; if the process has ended, `receive` says so."""
        with suppress(OSError, ValueError):
            write_message(_raw(self._process.stdin), Message(kind, payload))

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """What it says next; None if it has ended.

        Raises
        ------
        TimeoutError : it said nothing for so long.
        """
        if self._has_ended:
            return None
        try:
            message = self._messages.get(timeout=timeout_s)
        except Empty as error:
            raise TimeoutError from error
        self._has_ended = message is None
        return message

    def ending(self) -> Ending:
        """How it ended, which `receive` has said."""
        status: int | None = None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(ENDING_S)
        self._overhearing.join(ENDING_S)
        return Ending(status, self._last_words.decode("utf-8", "replace"))

    def ask_no_more(self) -> None:
        """Have it end by itself, while this process goes on."""
        self._has_ended = True
        with suppress(OSError):
            _raw(self._process.stdin).close()

    def close(self) -> None:
        """End it, whatever it does."""
        self.ask_no_more()
        # What it says ends with it, which is noticed at once; its end itself is looked for.
        self._listening.join(ENDING_S)
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        self._has_ended = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _listen(self) -> None:
        try:
            while (message := read_message(_raw(self._process.stdout))) is not None:
                self._messages.put(message)
        except (MemoryError, OSError) as error:
            self._last_words += f"\nwhat it said could not be read: {error!r}".encode()
        finally:
            self._messages.put(None)  # or whoever waits for an answer would for ever

    def _overhear(self) -> None:
        while part := _raw(self._process.stderr).read(CHUNK):
            self._last_words = (self._last_words + part)[-LAST_WORDS:]


def _raw(stream: IO[bytes] | None) -> RawIOBase:
    """A pipe without a buffer, whose lock might be held where the interpreter ends."""
    return cast(RawIOBase, stream)


def _flags() -> Sequence[str]:
    """What the interpreter is to be started with, as far as this one was."""
    isolated = ["-I"] if sys.flags.isolated else []
    return [*isolated, *(["-O"] * sys.flags.optimize)]


def _search_path() -> list[str]:
    root = str(ROOT)
    return [root, *(path for path in sys.path if path != root)]
