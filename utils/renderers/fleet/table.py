"""The table of a fleet on the terminal."""

from __future__ import annotations

from utils.findings import Severity
from utils.fleet.rows import Fleet, Row, worst_first
from utils.renderers.fleet.causes import shared_causes
from utils.renderers.fleet.words import (
    MAX_NAMES,
    against_in_cell,
    first_id,
    first_words,
    kept_in_words,
    named,
    snr_in_words,
    state_in_words,
)
from utils.terminal.shown import Column, Table
from utils.wording import begun, listed, short

MAX_NAME, MAX_CAUSE, MAX_AGAINST = 40, 80, 60
SHORTEST_NAME, SHORTEST_CAUSE, SHORTEST_AGAINST = 16, 24, 16
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
    return named(first_words(row), row)


def table(fleet: Fleet) -> Table:
    """All archives, the worst first."""
    rows = worst_first(fleet.rows)
    return Table(
        [
            Column(
                "archive",
                [short(row.name, MAX_NAME) for row in rows],
                is_number=False,
                shortest=SHORTEST_NAME,
            ),
            Column("is", [state_in_words(row) for row in rows], rank=1, is_number=False),
            Column("as in float", [kept_in_words(row) for row in rows], rank=5),
            Column("SNR", [snr_in_words(row.worst.snr_db) for row in rows], rank=4),
            Column(
                "first", [begun(_first(row), MAX_CAUSE) for row in rows], 2, False, SHORTEST_CAUSE
            ),
            Column(
                "against before",
                [begun(against_in_cell(row), MAX_AGAINST) for row in rows],
                3,
                False,
                SHORTEST_AGAINST,
            ),
        ]
    )


def causes_table(fleet: Fleet) -> Table:
    """First causes that several archives have, by their number; without columns if there are none.

    Of two hundred archives this is what fits on a screen.
    """
    causes = shared_causes(fleet.rows)
    if not causes:
        return Table([])
    which = [listed([short(row.name, MAX_NAME) for row in each.rows], MAX_NAMES) for each in causes]
    return Table(
        [
            Column("archives", [f"{len(each.rows):,}" for each in causes]),
            Column("are", [state_in_words(each.rows[0]) for each in causes], 1, False),
            Column(
                "shared first cause",
                [begun(each.first, MAX_CAUSE) for each in causes],
                is_number=False,
                shortest=SHORTEST_CAUSE,
            ),
            Column("which", which, 2, False, SHORTEST_AGAINST),
        ]
    )
