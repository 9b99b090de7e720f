"""Earlier runs of a fleet: one file for each, from which trends are read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from utils.errors import UsageError
from utils.fleet.rows import Fleet, as_document
from utils.fleet.store import write_whole
from utils.jobs.plain import PlainError, unpacked

MOST_RUNS = 30  # that a page shows
MAX_BYTES = 64 << 20
_PREFIX, _SUFFIX = "fleet-", ".json"


@dataclass(frozen=True)
class Point:
    """An archive in one run.

    Parameters
    ----------
    finished : when that run ended.
    snr_db, kept : at the worst output; None where it was not measured.
    """

    finished: str
    snr_db: float | None = None
    kept: float | None = None


Trends = dict[str, list[Point]]


def add_to_history(folder: str, fleet: Fleet) -> str:
    """Keep a run; returns its path, which no other run has, also of the same second.

    Raises
    ------
    UsageError : the folder cannot be written.
    """
    moment = "".join(c for c in fleet.finished if c.isalnum())
    path = os.path.join(folder, f"{_PREFIX}{moment}-{secrets.token_hex(4)}{_SUFFIX}")
    try:
        write_whole(path, (json.dumps(as_document(fleet), allow_nan=False) + "\n").encode())
    except OSError as error:
        raise UsageError(f"the history {path} cannot be written: {error.strerror}") from error
    return path


def trends(folder: str) -> Trends:
    """What the last runs found, the oldest first, by name of the archive.

    Files that are none of this tool are passed over: nothing is told of them.
    """
    found: Trends = {}
    for fleet in _runs(folder):
        for row in fleet.rows:
            point = Point(fleet.finished, row.worst.snr_db, row.worst.kept)
            found.setdefault(row.name, []).append(point)
    return found


def _runs(folder: str) -> Iterator[Fleet]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in _latest(names):
        path = os.path.join(folder, name)
        try:
            if os.path.getsize(path) <= MAX_BYTES:
                with open(path, encoding="utf-8") as stream:
                    yield unpacked(Fleet, _completed(json.load(stream)), {})
        except (OSError, ValueError, RecursionError, PlainError):
            continue


def _completed(document: object) -> object:
    """A run with what earlier versions did not write."""
    return {"gone": [], **document} if isinstance(document, dict) else document


def _latest(names: Sequence[str]) -> Sequence[str]:
    own = [name for name in names if name.startswith(_PREFIX) and name.endswith(_SUFFIX)]
    return own[-MOST_RUNS:]
