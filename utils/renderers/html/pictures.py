"""Pictures that belong to findings, as data that the page carries along."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from utils.findings import Artifact
from utils.report import Report

MAX_PICTURE = 450_000  # bytes of all pictures together
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
THUMBNAIL, QUALITY = 240, 80  # pixels of its longer side; of JPEG


@dataclass(frozen=True)
class Picture:
    """An artifact: `source` is a data URI, "" if it is too large or no picture."""

    name: str
    source: str


def pictures(report: Report) -> Mapping[int, Picture]:
    """What goes into the page of every artifact, as long as there is room; by identity."""
    room = MAX_PICTURE
    found: dict[int, Picture] = {}
    for artifact in _artifacts(report):
        kind = _kind(artifact.data)
        takes = kind and len(artifact.data) <= room
        room -= len(artifact.data) if takes else 0
        found[id(artifact)] = Picture(
            artifact.name, _data_uri(kind, artifact.data) if takes else ""
        )
    return found


def thumbnail(report: Report) -> Picture | None:
    """The first picture of the run, made small; None where there is none."""
    for artifact in _artifacts(report):
        small = _made_small(artifact.data) if _kind(artifact.data) else b""
        if small:
            return Picture(artifact.name, _data_uri("image/jpeg", small))
    return None


def _artifacts(report: Report) -> list[Artifact]:
    return [each for finding in report.findings() for each in finding.artifacts]


def _made_small(data: bytes) -> bytes:
    """A JPEG of a picture; nothing where the picture cannot be read."""
    from PIL import Image  # not needed, nor paid for, by runs without pictures

    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data)) as picture:
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return b""
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _data_uri(kind: str, data: bytes) -> str:
    # Base64 needs no escaping, and is too long to be looked through for what would.
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def _kind(data: bytes) -> str:
    return next((kind for start, kind in KINDS.items() if data.startswith(start)), "")
