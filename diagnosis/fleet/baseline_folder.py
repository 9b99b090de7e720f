"""The folder of an earlier fleet, with which this one is compared."""

from __future__ import annotations

import os
from contextlib import suppress

from diagnosis.fleet.judging import ARCHIVES, REPORT
from diagnosis.fleet.results import TABLE
from utils.errors import UsageError
from utils.wording import short


def check_baseline(folder: str, results: str) -> None:
    """Refuse a folder with which nothing can be compared, since all would then count as new.

    Parameters
    ----------
    results : folder of results, which exists.

    Raises
    ------
    UsageError : there is no such folder, no report lies in it, or this run replaces its reports.
    """
    named = short(folder, 200)
    if not os.path.isdir(folder):
        raise UsageError(f"the folder of the baseline {named} does not exist")
    with suppress(OSError):
        if os.path.samefile(folder, results):
            raise UsageError(
                f"the baseline {named} is the folder of results, whose reports this run replaces; "
                "name another one with --results, or compare with a copy"
            )
    if not _holds_reports(folder):
        raise UsageError(
            f"the folder of the baseline {named} holds no report of an earlier fleet; name a "
            f"folder of results, in which {TABLE} and {ARCHIVES}/NAME/{REPORT} lie"
        )


def _holds_reports(folder: str) -> bool:
    """Whether the report of any archive lies in one of the places that are looked at."""
    if any(name.endswith(".json") and name != TABLE for name in _names(folder)):
        return True
    archives = os.path.join(folder, ARCHIVES)
    return any(os.path.isfile(os.path.join(archives, name, REPORT)) for name in _names(archives))


def _names(folder: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(folder)
    return []
