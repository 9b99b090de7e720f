"""The table of a fleet on the terminal."""

from __future__ import annotations

import os

from utils.findings import Severity
from utils.fleet.rows import Fleet, Row, worst_first
from utils.renderers.fleet.words import (
    first_id,
    first_words,
    kept_in_words,
    snr_in_words,
    state_in_words,
)
from utils.terminal.shown import Column, Table
from utils.wording import begun, short

MAX_NAME, MAX_CAUSE, MAX_AGAINST = 40, 80, 60
_SEVERITIES = {"failed": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}


def line(row: Row) -> tuple[Severity, str]:
    """A row as one sentence, as soon as it is known."""
    numbers = ", ".join(filter(None, (kept_in_words(row), snr_in_words(row.worst.snr_db))))
    said = first_words(row) or state_in_words(row)
    cause = f" [{first_id(row)}]" if first_id(row) else ""
    details = f" ({numbers})" if numbers else ""
    severity = _SEVERITIES.get(row.state, Severity.INFO)
    return severity, f"{row.name}: {said}{details}{cause}"


def _first(row: Row) -> str:
    """What is wrong first; the folder of the archive would leave no room for it."""
    return first_words(row).replace(row.archive, os.path.basename(row.archive) or row.archive)


def table(fleet: Fleet) -> Table:
    """All archives, the worst first."""
    rows = worst_first(fleet.rows)
    return Table(
        [
            Column("archive", [short(row.name, MAX_NAME) for row in rows], is_number=False),
            Column("is", [state_in_words(row) for row in rows], rank=1, is_number=False),
            Column("kept", [kept_in_words(row) for row in rows], rank=3),
            Column("SNR", [snr_in_words(row.worst.snr_db) for row in rows], rank=2),
            Column("first", [begun(_first(row), MAX_CAUSE) for row in rows], 4, False),
            Column("against before", [begun(row.against, MAX_AGAINST) for row in rows], 5, False),
        ]
    )
