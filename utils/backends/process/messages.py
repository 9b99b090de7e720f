"""What two processes say to each other over pipes: a kind, a length, and so many bytes."""

from __future__ import annotations

import struct
from enum import IntEnum
from io import RawIOBase
from typing import NamedTuple

from utils.jobs.largest import MAX_BYTES

CHUNK = 1 << 20  # bytes read at once
_HEADER = struct.Struct("<BQ")  # kind, and bytes that follow


class Kind(IntEnum):
    """What a message is; what follows it is a bundle of the type named here, or nothing."""

    # To the process that runs the networks. Each but the last two is answered once.
    OPEN = 1  # Job
    MEASURE = 2  # Job
    TRY_RANGES = 3  # RangeRequest
    COMING = 4  # Job, which is going to be asked about
    INTERRUPT = 5
    # From it, while it works.
    SAID = 11  # Said
    DOING = 12  # Doing
    SO_FAR = 13  # Measured
    ALIVE = 14
    # From it, as the answer.
    ANSWER = 21  # DatasetFacts, Measured or RangeTrials
    REFUSED = 22  # Refused
    INTERRUPTED = 23


class Message(NamedTuple):
    """One message."""

    kind: Kind
    payload: bytes = b""


def write_message(stream: RawIOBase, message: Message) -> None:
    """Write a message.

    Raises
    ------
    OSError : nobody reads any more.
    """
    rest = memoryview(_HEADER.pack(message.kind, len(message.payload)) + message.payload)
    while rest:
        rest = rest[stream.write(rest) or 0 :]


def read_message(stream: RawIOBase) -> Message | None:
    """The next message; None at the end, or where what follows is no message."""
    header = _read(stream, _HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, size = _HEADER.unpack(header)
    if kind not in set(Kind) or size > MAX_BYTES:
        return None
    payload = _read(stream, size)
    return Message(Kind(kind), payload) if len(payload) == size else None


def _read(stream: RawIOBase, size: int) -> bytes:
    """So many bytes, fewer at the end."""
    data = bytearray()
    while len(data) < size and (part := stream.read(min(size - len(data), CHUNK))):
        data += part
    return bytes(data)
