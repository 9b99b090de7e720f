"""Pictures of the formats that are read: by their first bytes, and by their names."""

from __future__ import annotations

import os

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
HEAD = 12  # bytes that tell a picture


def is_picture(head: bytes, size: int) -> bool:
    """Whether data begin like a picture.

    Parameters
    ----------
    head : the first bytes, `HEAD` at least.
    size : of all of it, in bytes.
    """
    if head.startswith(b"BM"):
        return int.from_bytes(head[2:6], "little") == size
    is_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return is_webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def names_picture(name: str) -> bool:
    """Whether a name is one of a picture."""
    return os.path.splitext(name)[1].lower() in ENDINGS
