"""Rows of a fleet in words, for the terminal and the page."""

from __future__ import annotations

import math

from utils.fleet.rows import STATES, Fleet, Row
from utils.wording import plural, tenths

_MARKS = {"failed": "not diagnosed", "error": "error", "warning": "warning", "fine": "fine"}
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


def first_id(row: Row) -> str:
    """Id of the finding that `first_words` quote; "" where they tell of something else."""
    is_quoted = row.state != "failed" or not row.failure or row.failure.startswith(row.cause)
    return row.cause_id if is_quoted else ""


def summary(fleet: Fleet) -> str:
    """How many archives are how."""
    counts = [(fleet.count(state), _MARKS[state]) for state in STATES]
    said = ", ".join(f"{count} {mark}" for count, mark in counts if count)
    opening = "interrupted; " if fleet.is_interrupted else ""
    return f"{opening}{plural(len(fleet.rows), 'archive')}{f': {said}' if said else ''}"
