"""Changes of bytes, whatever they stand for."""

from __future__ import annotations

from tests.mutations.drawing import NothingToChange, Random

WINDOW = 64  # bytes that are moved or overwritten at once


def changed_bytes(random: Random, data: bytes) -> tuple[bytes, str]:
    """Flip, cut, insert, repeat or overwrite bytes."""
    if not data:
        raise NothingToChange
    place = int(random.integers(len(data)))
    end = place + int(random.integers(1, WINDOW))
    match int(random.integers(6)):
        case 0:
            flipped = data[place] ^ int(random.integers(1, 256))
            return data[:place] + bytes([flipped]) + data[place + 1 :], f"byte {place} flipped"
        case 1:
            return data[:place], f"cut off at byte {place}"
        case 2:
            return data[:place] + data[end:], f"bytes {place} to {end} left out"
        case 3:
            return data[:place] + random.bytes(end - place) + data[place:], f"bytes at {place}"
        case 4:
            return data[:end] + data[place:], f"bytes {place} to {end} repeated"
    return data[:place] + bytes(end - place) + data[end:], f"bytes {place} to {end} zeroed"
