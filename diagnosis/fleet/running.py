"""A fleet run to its end, whatever becomes of workers and scheduler."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from diagnosis.fleet.judging import Judged, failed
from diagnosis.fleet.rounds import OnRow, OnWork, Round
from diagnosis.fleet.tasks import Workplace
from utils.fleet.plan import Case
from utils.fleet.rows import Row
from utils.terminal.logger import LOGGER
from utils.wording import plural

MOST_TIMES = 5  # that a scheduler may forget everything
LOST = "the cluster forgot its tasks again and again; run the fleet again, what is done is kept"

Connect = Callable[[], AbstractContextManager[Any]]


def run_cases(
    connect: Connect,
    cases: Sequence[Case],
    place: Workplace,
    by: Judged,
    on_row: OnRow,
    on_work: OnWork = lambda known, done: None,
) -> None:
    """Diagnose archives on a cluster; every one of them gets its row.

    A worker that dies takes tasks of other archives along, so that these are accused as well: once
    all others are through, whatever was accused is run again, one archive at a time.

    Parameters
    ----------
    connect : a client of the cluster; asked for again where the scheduler was started anew, which
        forgets all tasks.

    Raises
    ------
    UsageError : there is no cluster.
    """
    todo, alone = list(cases), False
    for _ in range(MOST_TIMES):
        if not todo:
            return
        rows: set[str] = set()

        def took(row: Row, rows: set[str] = rows) -> None:
            rows.add(row.name)
            on_row(row)

        killed: dict[Case, str] = {}
        try:
            with connect() as client:
                left = Round(client, place, by, took, on_work).run(todo)
                killed = left.killed
                if killed and not left.lost:
                    LOGGER.warning("Workers died; %s run again, alone", _archives(killed))
                    killed = Round(client, place, by, took, on_work).run([*killed], 1).killed
                    alone = True
        except (OSError, TimeoutError) as error:  # the connection to the scheduler broke
            LOGGER.debug("The connection broke", exc_info=error)
        for case, why in killed.items() if alone else ():
            took(failed(case, why))
        todo = [case for case in todo if case.name not in rows]
        if todo:
            LOGGER.warning("The scheduler lost %s, which are run again", _archives(todo))
    for case in todo:
        on_row(failed(case, LOST))


def _archives(cases: Collection[Case]) -> str:
    return plural(len(cases), "archive")
