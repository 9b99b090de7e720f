"""Rows of a fleet in words, for the terminal and the page."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence

from utils.baseline.became import Became
from utils.fleet.rows import STATES, Fleet, Row
from utils.renderers.against import BEFORE
from utils.wording import listed, plural, tenths

_MARKS = {"failed": "not diagnosed", "error": "error", "warning": "warning", "fine": "fine"}
_COUNTED = {**_MARKS, "error": "with errors", "warning": "with warnings"}
# What became of an archive since the baseline: how it is told of one, and of many.
_BECAME = {
    Became.WORSE: "worse",
    Became.BOTH: "partly better and partly worse",
    Became.BETTER: "better",
    Became.SAME: "as good",
    Became.NEW: "new",
    Became.NOT_COMPARED: "not compared",
}
MAX_NAMES = 5
_EXACT_DB = 100.0  # what float32 itself rounds


def state_in_words(row: Row) -> str:
    """How an archive is, in one or two words."""
    return _MARKS[row.state]


def snr_in_words(snr_db: float | None) -> str:
    """``12.3 dB``, ``exact`` or ``no signal``; "" where it was not measured."""
    if snr_db is None:
        return ""
    if snr_db >= _EXACT_DB:
        return "exact"
    return "no signal" if snr_db == -math.inf else f"{tenths(snr_db)} dB"


def kept_in_words(row: Row) -> str:
    """``98.4%`` of the decisions, or a PSNR; "" where they were not counted."""
    kept = row.worst.kept
    if kept is None:
        return ""
    if "psnr" in row.worst.measure:
        return f"{tenths(kept)} dB PSNR"
    return f"{math.floor(kept * 1000) / 10:.1f}%"  # 100% is said of all alone


def first_words(row: Row) -> str:
    """What is wrong first, or why nothing is known."""
    if row.state == "failed":
        return row.failure or row.verdict
    return row.cause


def named(text: str, row: Row, name: str | None = None) -> str:
    """A text with another name for the archive, by default that of its file, without the folder."""
    short = os.path.basename(row.archive) if name is None else name
    return text.replace(row.archive, short or row.archive) if row.archive else text


def first_id(row: Row) -> str:
    """Id of the finding that `first_words` quote; "" where they tell of something else."""
    is_quoted = row.state != "failed" or not row.failure or row.failure.startswith(row.cause)
    return row.cause_id if is_quoted else ""


def summary(fleet: Fleet) -> str:
    """How many archives are how."""
    counts = [(fleet.count(state), _COUNTED[state]) for state in STATES]
    said = ", ".join(f"{count} {mark}" for count, mark in counts if count)
    opening = "interrupted; " if fleet.is_interrupted else ""
    return f"{opening}{plural(len(fleet.rows), 'archive')}{f': {said}' if said else ''}"


def against_in_cell(row: Row) -> str:
    """What became of an archive, in a column whose heading says since when."""
    if row.became is None:
        return row.against
    details = row.against.removeprefix(row.became.value).removeprefix(f" {BEFORE}")
    return f"{_BECAME[row.became]}{details}"


def changes(fleet: Fleet) -> str:
    """What became of the archives since the baseline; "" without one."""
    counts = Counter(row.became for row in fleet.rows)
    said = ", ".join(f"{counts[each]} {words}" for each, words in _BECAME.items() if counts[each])
    if not fleet.gone:
        return said
    gone = f"{len(fleet.gone)} no longer in the plan ({listed(fleet.gone, MAX_NAMES)})"
    return f"{said}, {gone}" if said else gone


def failing(fleet: Fleet) -> str:
    """Which archives decide the exit code, and why; "" where none does."""
    undone = [row.name for row in fleet.rows if row.state == "failed"]
    severe = [row.name for row in fleet.rows if row.code == 1]
    said = (
        _those(undone, "not diagnosed"),
        _those(severe, f"at or above fail-on {fleet.fail_on}"),
    )
    return "; ".join(filter(None, said))


def _those(names: Sequence[str], why: str) -> str:
    return f"{plural(len(names), 'archive')} {why}: {listed(names, MAX_NAMES)}" if names else ""
